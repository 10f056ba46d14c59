import { issueToken } from '#shared/credentials/token.ts';
import { serve } from '#shared/http/serve.ts';
import { createLog, type Logger } from '#shared/telemetry/log.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { createUserService } from '#user-service/app.ts';

export interface UserServiceUnderTest {
  /** `http://host:port` */
  readonly url: string;
  readonly introspectionKey: string;
  readonly database: TestDatabase;
  /** An admin with an access token that outlives the tests; nobody can sign up as one. */
  addAdmin(): Promise<{ readonly id: number; readonly token: string }>;
  stop(): Promise<void>;
}

export interface UserServiceTestOptions {
  /** Where the service looks for its database, if not directly at it. */
  readonly reach?: (databaseUrl: string) => string;
  /** Default: nobody hears it. */
  readonly log?: Logger;
}

const introspectionKey = 'introspection-key-of-the-tests';
/** A ten-thousandth of the real cost. */
const lightCost = { logN: 4, r: 1, p: 1 };

/** The user-service in this process, on a database of its own and a free port. */
export async function startUserServiceUnderTest(
  options: UserServiceTestOptions = {},
): Promise<UserServiceUnderTest> {
  const database = await createTestDatabase('user_service');
  const service = createUserService({
    databaseUrl: options.reach?.(database.url) ?? database.url,
    introspectionKey,
    log: options.log ?? createLog({ name: 'user-service', level: 'silent' }),
    passwordCost: lightCost,
  });
  const served = await serve(service.listener, { name: 'the user-service' });
  return {
    url: served.url,
    introspectionKey,
    database,
    addAdmin: () => addAdmin(database),
    async stop() {
      await served.close();
      await service.close();
      await database.drop();
    },
  };
}

async function addAdmin(database: TestDatabase): Promise<{ readonly id: number; readonly token: string }> {
  const [account] = await database.query<{ id: string }>(
    `insert into accounts (email, name, role, password_hash)
     values ('admin-' || gen_random_uuid() || '@contract.example', 'Admin', 'admin', 'none') returning user_id as id`,
  );
  const issued = issueToken(Number(account?.id));
  await database.query(
    `insert into tokens (user_id, token_hash, kind, session_id, issued_at, expires_at)
     values ($1, $2, 'access', gen_random_uuid(), now(), now() + interval '1 day')`,
    [issued.userId, issued.hash],
  );
  return { id: issued.userId, token: issued.token };
}
