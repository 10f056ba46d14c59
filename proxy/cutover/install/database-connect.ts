import { escapeIdentifier, type ClientBase } from 'pg';

/** Where CONNECT was taken from everybody, which is good practice, the applier needs it by name. */
export async function ensureConnect(client: ClientBase, applier: string): Promise<string[]> {
  const { rows } = await client.query<{ database: string; connects: boolean }>(
    `select current_database()::text as database, has_database_privilege($1, current_database(), 'CONNECT') as connects`,
    [applier],
  );
  const [row] = rows;
  if (row === undefined || row.connects) return [];
  await client.query(
    `grant connect on database ${escapeIdentifier(row.database)} to ${escapeIdentifier(applier)}`,
  );
  return [`connect for ${applier}`];
}

/** A role that has a right on a database can't be dropped. */
export async function revokeConnect(client: ClientBase, applier: string): Promise<void> {
  const { rows } = await client.query<{ database: string }>(
    `select current_database()::text as database from pg_shdepend d
     where d.refobjid = to_regrole($1) and d.classid = 'pg_database'::regclass and d.deptype = 'a'
       and d.objid = (select oid from pg_database where datname = current_database())`,
    [escapeIdentifier(applier)],
  );
  for (const { database } of rows)
    await client.query(
      `revoke connect on database ${escapeIdentifier(database)} from ${escapeIdentifier(applier)}`,
    );
}
