import type { TestDatabase } from '#test/support/database.ts';

/** Makes the user-service's accounts and tokens those of the monolith, as the copy does once it has followed. */
export async function copyUsers(from: TestDatabase, to: TestDatabase): Promise<void> {
  const users = await from.query(
    `select id as user_id, email, full_name as name,
            case is_admin when 1 then 'admin' else 'customer' end as role,
            case is_active when 1 then 'active' when 0 then 'suspended' else 'closed' end as status, password_hash
       from users`,
  );
  const tokens = await from.query(
    `select user_id, token_hash, 'access' as kind, family as session_id,
            issued_at at time zone 'utc' as issued_at, expires_at at time zone 'utc' as expires_at
       from auth_tokens where token_type = 1`,
  );
  await to.query('truncate accounts, tokens cascade');
  await to.query(
    `insert into accounts (user_id, email, name, role, status, password_hash)
     select r.user_id, r.email, r.name, r.role, r.status, r.password_hash
       from jsonb_populate_recordset(null::accounts, $1) r`,
    [JSON.stringify(users)],
  );
  await to.query(
    `insert into tokens (user_id, token_hash, kind, session_id, issued_at, expires_at)
     select r.user_id, r.token_hash, r.kind, r.session_id, r.issued_at, r.expires_at
       from jsonb_populate_recordset(null::tokens, $1) r`,
    [JSON.stringify(tokens)],
  );
}
