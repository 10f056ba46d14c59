import { issueToken } from '#shared/credentials/token.ts';
import { serve } from '#shared/http/serve.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { createMonolith } from '#monolith/app.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { contractSuite } from './suite.ts';

const introspectionKey = 'introspection-key-of-the-tests';

contractSuite({
  name: 'the monolith',
  async start() {
    const database = await createTestDatabase('monolith');
    const monolith = createMonolith({
      databaseUrl: database.url,
      introspectionKey,
      log: createLog({ name: 'monolith', level: 'silent' }),
      passwordCost: { logN: 4, r: 1, p: 1 },
      sweepEveryMs: 0,
    });
    const served = await serve(monolith.listener, { name: 'the monolith' });
    return {
      baseUrl: served.url,
      introspectionKey,
      adminToken: await addAdmin(database),
      async stop() {
        await served.close();
        await monolith.close();
        await database.drop();
      },
    };
  },
});

/** @returns an access token; nobody can sign up as an admin, so the tables are written */
async function addAdmin(database: TestDatabase): Promise<string> {
  const [admin] = await database.query<{ id: string }>(
    `insert into users (email, full_name, is_admin, password_hash)
     values ('admin@contract.example', 'Admin', 1, 'none') returning id`,
  );
  const issued = issueToken(Number(admin?.id));
  await database.query(
    `insert into auth_tokens (user_id, token_hash, token_type, family, issued_at, expires_at)
     values ($1, $2, 1, gen_random_uuid(), now() at time zone 'utc', now() at time zone 'utc' + interval '1 day')`,
    [issued.userId, issued.hash],
  );
  return issued.token;
}
