import type { ClientBase } from 'pg';
import { eventTriggers } from './names.ts';

/** Event triggers are a superuser's. Without them a renamed column is found by `installed`, and by the writes that fail. */
export async function ensureGuard(client: ClientBase): Promise<string[]> {
  const { rows } = await client.query<{ there: boolean; superuser: boolean }>(
    `select (select count(*) from pg_event_trigger where evtname = any($1)) = $2::int as there,
       (select rolsuper from pg_roles where rolname = current_user) as superuser`,
    [eventTriggers, eventTriggers.length],
  );
  if (rows[0]?.there === true || rows[0]?.superuser !== true) return [];
  const [changes, drops] = eventTriggers;
  await client.query(`begin; ${dropSql()};
    create event trigger ${changes} on ddl_command_end
      when tag in ('ALTER TABLE', 'ALTER TRIGGER', 'CREATE TABLE') execute function banyan.guard_tables();
    create event trigger ${drops} on sql_drop execute function banyan.guard_tables();
    alter event trigger ${changes} enable always; alter event trigger ${drops} enable always;
    commit`);
  return ['event triggers'];
}

export async function dropGuard(client: ClientBase): Promise<void> {
  const { rowCount } = await client.query('select from pg_event_trigger where evtname = any($1)', [
    eventTriggers,
  ]);
  if (rowCount !== 0) await client.query(dropSql());
}

function dropSql(): string {
  return eventTriggers.map((name) => `drop event trigger if exists ${name}`).join('; ');
}
