/** What the clients of one pair do to its owner. */
export interface Writes {
  /** The rows that are there before the capture. */
  readonly before: string;
  /** One transaction at random. */
  readonly transaction: (random: Random) => string;
}

/** A whole number below `limit`. */
export type Random = (limit: number) => number;

const version = `nextval('public.version')`;
/** Versions of one key are drawn in the order of its commits: whoever draws one holds the key until the end. */
const hold = (...keys: (number | string)[]): string =>
  keys
    .map((key) => `select pg_advisory_xact_lock(77, hashtext('${key}'))`)
    .sort()
    .join(';');

const users = 400;

export const sampleWrites: Writes = {
  before: `create sequence public.version;
    insert into users (id, email, full_name, password_hash) select n, 'u' || n || '@x', 'v' || ${version}, 'h'
      from generate_series(1, ${users}) n;
    insert into user_profiles (user_id, display_name, country) select n, 'd' || n, 'DE' from generate_series(1, ${users}) n;
    insert into user_preferences (user_id, pref_key, pref_value) select n, 'p' || m, '' from generate_series(1, ${users}) n,
      generate_series(1, 5) m`,
  transaction(random) {
    const id = 1 + random(users);
    const other = 1 + random(users);
    const children = `delete from user_profiles where user_id = ${id}; delete from user_preferences where user_id = ${id};
      delete from auth_tokens where user_id = ${id}`;
    const put = `insert into users (id, email, full_name, password_hash) values (${id}, 'u${id}@x', 'v' || ${version}, 'h')
      on conflict (id) do update set full_name = excluded.full_name, is_active = ${random(3)}, updated_at = clock_timestamp()`;
    const kinds: readonly string[] = [
      `${hold(id)}; ${put}`,
      `${hold(id)}; update users set full_name = 'v' || ${version}, is_admin = ${random(2)} where id = ${id}`,
      `${hold(id)}; ${children}; delete from users where id = ${id}`,
      `${hold(id)}; ${children}; delete from users where id = ${id}; ${put}`,
      // A unique value passes from one row to another.
      `${hold(id, other)}; update users set email = 'swap${id}@x', full_name = 'v' || ${version} where id = ${id};
        update users set email = 'u${id}@x', full_name = 'v' || ${version} where id = ${other} and id <> ${id};
        update users set email = 'u${other}@x', full_name = 'v' || ${version} where id = ${id}`,
      `savepoint a; insert into user_preferences (user_id, pref_key, pref_value) values (${id}, 'q${random(4)}', 'gone');
        rollback to a; insert into user_preferences (user_id, pref_key, pref_value)
        values (${id}, 'p${random(6)}', '${random(1000)}') on conflict (user_id, pref_key) do update
        set pref_value = excluded.pref_value`,
      `delete from user_preferences where user_id between ${id} and ${id + 3}`,
      `update user_preferences set pref_value = pref_value || 'x' where user_id % 40 = ${random(40)}
        and length(pref_value) < 100`,
      `insert into auth_tokens (user_id, token_hash, token_type, family, issued_at, expires_at)
        select ${id}, md5(n::text) || md5('${random(5)}'), 1 + n % 2, gen_random_uuid(), now(), 'infinity'
        from generate_series(1, 6) n on conflict do nothing`,
      `update auth_tokens set spent_at = clock_timestamp() where user_id = ${id}`,
      `delete from auth_tokens where user_id % 20 = ${random(20)}`,
      `insert into user_profiles (user_id, display_name) values (${id}, 'n${random(99)}') on conflict (user_id)
        do update set display_name = excluded.display_name, bio = repeat('b', ${random(5_000)})`,
    ];
    return `begin; ${kinds[random(kinds.length)]}; ${random(10) === 0 ? 'rollback' : 'commit'}`;
  },
};

const tenants = ['north', 'south', 'Ü/é', '{"a,b"}'];

export const secondWrites: Writes = {
  before: `create sequence public.version;
    insert into documents (tenant, code, title, revision, changed_at) select 'north', 'c' || n, 't', ${version}, now()
      from generate_series(1, 300) n;
    insert into devices (tenant, serial, model, revision, changed_at) select 'south', 's' || n, 'm', ${version}, now()
      from generate_series(1, 300) n`,
  transaction(random) {
    const tenant = tenants[random(tenants.length)];
    const [code, serial] = [`c${1 + random(150)}`, `s${1 + random(150)}`];
    const ofDevice = `tenant = '${tenant}' and serial = '${serial}'`;
    const putDevice = `insert into devices (tenant, serial, model, offset_amount, is_mounted, calibration, revision, changed_at)
      values ('${tenant}', '${serial}', null, ${random(9)}.125, ${random(2) === 0}, '{"b": 1, "a": [null]}', ${version}, now())
      on conflict (tenant, serial) do update set model = 'm${random(9)}', revision = excluded.revision`;
    const kinds: readonly string[] = [
      `${hold(`d${tenant}${code}`)}; insert into documents (tenant, code, title, keywords, attributes, insured_value, access,
          revision, changed_at)
        values ('${tenant}', '${code}', ${random(2) === 0 ? 'null' : `''`}, '{one,"two, three",NULL}', '{"k": ${random(9)}}',
          ${random(900)}.50, 'open', ${version}, clock_timestamp())
        on conflict (tenant, code) do update set title = 't${random(99)}', revision = excluded.revision`,
      `${hold(`d${tenant}${code}`)}; delete from documents where tenant = '${tenant}' and code = '${code}'`,
      `${hold(`e${tenant}${serial}`)}; ${putDevice}`,
      `${hold(`e${tenant}${serial}`)}; delete from measurements where tenant = '${tenant}' and device_serial = '${serial}';
        delete from devices where ${ofDevice}`,
      `${hold(`e${tenant}${serial}`)}; delete from measurements where tenant = '${tenant}' and device_serial = '${serial}';
        delete from devices where ${ofDevice}; ${putDevice}`,
      `insert into measurements select tenant, serial, enum_first(null::measure), '2024-01-01'::timestamptz + n * interval '1 s',
          ${random(99)}.0625 from devices, generate_series(1, 20) n where ${ofDevice}
        on conflict (tenant, device_serial, measure, taken_at) do update set amount = excluded.amount`,
      `delete from measurements where tenant = '${tenant}' and extract(second from taken_at)::int % 7 = ${random(7)}`,
    ];
    return `begin; ${kinds[random(kinds.length)]}; ${random(10) === 0 ? 'rollback' : 'commit'}`;
  },
};
