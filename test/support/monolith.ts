import { createMonolith } from '#monolith/app.ts';
import { issueToken } from '#shared/credentials/token.ts';
import { serve } from '#shared/http/serve.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';

export interface TestMonolith {
  readonly url: string;
  readonly introspectionKey: string;
  readonly database: TestDatabase;
  /** @returns an access token; nobody can sign up as an admin, so the tables are written */
  addAdmin(): Promise<string>;
  stop(): Promise<void>;
}

/** The monolith in this process, on a database of its own, with cheap password hashes. */
export async function startMonolith(): Promise<TestMonolith> {
  const introspectionKey = 'introspection-key-of-the-tests';
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
    url: served.url,
    introspectionKey,
    database,
    addAdmin: () => addAdmin(database),
    async stop() {
      await served.close();
      await monolith.close();
      await database.drop();
    },
  };
}

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
