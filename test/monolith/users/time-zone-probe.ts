// Run as a process of its own, since a process has one time zone: does what depends on times, and prints what came out.
import { startUsers, introspectionKey } from './harness.ts';

const users = await startUsers();
const member = await users.member();
const token = member.accessToken;
await users.call('PUT', `/users/${member.id}/profile`, { token, body: { birthDate: '1985-12-10' } });
await users.call('PUT', `/users/${member.id}/preferences/theme`, { token, body: { value: 'dark' } });
const answers = {
  user: (await users.call('GET', `/users/${member.id}`, { token })).body,
  profile: (await users.call('GET', `/users/${member.id}/profile`, { token })).body,
};
const isActive = async (): Promise<boolean> =>
  (await users.call('POST', '/auth/introspect', { token: introspectionKey, body: { token } })).body.active;
const expireIn = (interval: string): Promise<unknown[]> =>
  users.database.query(
    `update auth_tokens set expires_at = (now() at time zone 'utc') + $1::interval where token_type = 1`,
    [interval],
  );

await expireIn('1 minute');
const activeBefore = await isActive();
await expireIn('-1 second');
const activeAfter = await isActive();

// An hour that does not exist in New York: the clocks went from 02:00 to 03:00.
await users.database.query(`update users set created_at = '2026-03-08 02:30:00.123456'`);
const { body: skippedHour } = await users.call('POST', '/auth/refresh', {
  body: { refreshToken: member.refreshToken },
});
const later = await users.call('GET', `/users/${member.id}`, { token: skippedHour.accessToken });
const [stored] = await users.database.query<{ updated: string; birth: string; left: number }>(
  `select to_char(u.updated_at, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as updated, p.birth_date::text as birth,
          (select count(*)::int from auth_tokens where expires_at < now() at time zone 'utc') as left
   from users u join user_profiles p on p.user_id = u.id`,
);
await users.stop();
process.stdout.write(
  JSON.stringify({
    zone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    ...answers,
    activeBefore,
    activeAfter,
    createdInSkippedHour: later.body.createdAt,
    stored,
  }),
);
