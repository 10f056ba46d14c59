import type { TestDatabase } from './database.ts';

/**
 * Makes every write of a table end as Banyan's gate ends it, without Banyan: the SQLSTATE and the DETAIL are what the
 * systems are told by.
 * @returns takes the gate away again
 */
export async function refuseWrites(
  database: TestDatabase,
  options: { readonly table: string; readonly state: string; readonly detail: string },
): Promise<() => Promise<void>> {
  const { table, state, detail } = options;
  await database.query(`
    create or replace function refuse_write() returns trigger language plpgsql as $$
    begin
      raise exception using errcode = tg_argv[0], message = 'refused', detail = tg_argv[1];
    end $$`);
  await database.query(
    `create trigger refuse_write after insert or update or delete on ${table} for each row
     execute function refuse_write('${state}', '${detail}')`,
  );
  return async () => {
    await database.query(`drop trigger refuse_write on ${table}`);
  };
}

/** As the gate writes it: `owner` none means that nobody takes writes at this moment. */
export function gateDetail(owner: 'monolith' | 'service' | 'none'): string {
  const state = owner === 'none' ? 'fenced' : 'follower';
  return `group=people bucket=17 state=${state} owner=${owner} epoch=43 side=monolith table=public.people`;
}
