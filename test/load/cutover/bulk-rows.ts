import { run } from '#test/proxy/cutover/support/bulk-fixture.ts';

/** Rows as the sample's monolith has them: `rows` accounts, and a token for each. */
export async function fillSample(url: string, rows: number): Promise<void> {
  await run(
    url,
    `insert into users (id, email, full_name, is_active, is_admin, password_hash, created_at, updated_at)
     select i, 'person' || i || '@example.org', 'Some Name ' || i, 1, 0, '$2b$12$' || repeat(md5(i::text), 2),
       timestamp '2020-01-01' + i * interval '17 s', timestamp '2024-01-01' + i * interval '3 s'
     from generate_series(1, $1::bigint) i`,
    [rows],
  );
  await run(
    url,
    `insert into auth_tokens (user_id, token_hash, token_type, family, issued_at, expires_at)
     select i, repeat(md5(i::text), 2), 1 + i % 2, gen_random_uuid(), timestamp '2024-01-01' + i * interval '3 s',
       timestamp '2024-02-01' + i * interval '3 s'
     from generate_series(1, $1::bigint) i`,
    [rows],
  );
  await run(url, 'vacuum analyze');
}
