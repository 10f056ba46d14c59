import { escapeIdentifier, escapeLiteral, type ClientBase } from 'pg';
import { codeOf } from '#shared/errors/code.ts';
import { installError } from './failures.ts';
import { scramVerifier } from './scram.ts';

export interface Roles {
  /** Owns the schema; nobody can connect as it. */
  readonly definer: string;
  /** The mover connects as it; it alone may write what this side does not own. */
  readonly applier: string;
}

const duplicateObject = '42710';
const uniqueViolation = '23505';
const dependentObjects = '2BP01';
const mark = 'Made by Banyan’s installer.';

/** The definer is named by the database's number: roles belong to the whole server, and each database has its own. */
export async function rolesOf(client: ClientBase, applierUrl: string): Promise<Roles> {
  const { rows } = await client.query<{ oid: number }>(
    'select oid from pg_database where datname = current_database()',
  );
  const [row] = rows;
  if (row === undefined) throw new Error('the database does not know itself');
  return {
    definer: `banyan_definer_${row.oid}`,
    applier: decodeURIComponent(new URL(applierUrl).username),
  };
}

/** Makes the roles that are not there; the applier's password is the URL's. @throws APPLIER_UNFIT */
export async function ensureRoles(client: ClientBase, roles: Roles, applierUrl: string): Promise<string[]> {
  const password = decodeURIComponent(new URL(applierUrl).password);
  const secret = password === '' ? '' : ` password ${escapeLiteral(scramVerifier(password))}`;
  const made = [
    ...(await ensureRole(client, roles.definer, 'nologin')),
    ...(await ensureRole(client, roles.applier, `login noinherit${secret}`)),
  ];
  if (secret !== '') await keepPassword(client, roles.applier, secret);
  const { rows } = await client.query<{ rolsuper: boolean; installer: boolean; superuser: boolean }>(
    `select rolsuper, rolname = current_user as installer,
       (select rolsuper from pg_roles where rolname = current_user) as superuser
     from pg_roles where rolname = $1`,
    [roles.applier],
  );
  const [applier] = rows;
  if (applier?.rolsuper === true || applier?.installer === true)
    throw installError(
      'APPLIER_UNFIT',
      `${roles.applier} can't be the applier: it must be a role of its own, no superuser and not the installer, since the gate lets all of its writes through`,
    );
  // A superuser acts as any role; another installer must be a member to make what the definer owns.
  if (applier?.superuser === false)
    await client.query(`grant ${escapeIdentifier(roles.definer)} to current_user`);
  return made;
}

/** A password that was changed in the configuration counts from the next installation on; a role that is not ours is left alone. */
async function keepPassword(client: ClientBase, name: string, secret: string): Promise<void> {
  const { rowCount } = await client.query(
    `select from pg_roles where rolname = $1 and shobj_description(oid, 'pg_authid') = $2`,
    [name, mark],
  );
  if (rowCount === 1) await client.query(`alter role ${escapeIdentifier(name)}${secret}`);
}

async function ensureRole(client: ClientBase, name: string, attributes: string): Promise<string[]> {
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [name]);
  if (rowCount !== 0) return [];
  try {
    await client.query('begin');
    await client.query(`create role ${escapeIdentifier(name)} ${attributes}`);
    await client.query(`comment on role ${escapeIdentifier(name)} is ${escapeLiteral(mark)}`);
    await client.query('commit');
    return [`role ${name}`];
  } catch (error) {
    await client.query('rollback');
    // An installer of another database of this server was faster.
    if (codeOf(error) === duplicateObject || codeOf(error) === uniqueViolation) return [];
    throw error;
  }
}

/** Drops the roles that the installer made, unless another database of the server needs them. */
export async function dropRoles(client: ClientBase, { definer, applier }: Roles): Promise<string[]> {
  const dropped: string[] = [];
  for (const name of [applier, definer]) {
    const { rows } = await client.query<{ ours: boolean }>(
      `select coalesce(shobj_description(oid, 'pg_authid') = $2, false) as ours from pg_roles where rolname = $1`,
      [name, mark],
    );
    if (rows[0]?.ours !== true) continue;
    try {
      await client.query(`drop role ${escapeIdentifier(name)}`);
      dropped.push(`role ${name}`);
    } catch (error) {
      if (codeOf(error) !== dependentObjects) throw error;
    }
  }
  return dropped;
}
