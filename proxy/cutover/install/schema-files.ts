import { readdirSync, readFileSync } from 'node:fs';
import { escapeIdentifier, type ClientBase } from 'pg';
import { messageOf } from '#shared/errors/message.ts';
import { installError } from './failures.ts';
import type { Roles } from './roles.ts';

export const schemaFolder = new URL('../schema/', import.meta.url);

export function schemaFiles(folder: URL): string[] {
  return readdirSync(folder)
    .filter((name) => /^\d{3}-[\w-]+\.sql$/.test(name))
    .toSorted();
}

export async function filesThatRan(client: ClientBase): Promise<string[]> {
  const there = await client.query(`select where to_regclass('banyan.schema_versions') is not null`);
  if (there.rowCount === 0) return [];
  const { rows } = await client.query<{ name: string }>(
    'select name from banyan.schema_versions order by name',
  );
  return rows.map(({ name }) => name);
}

/**
 * Runs each numbered file that this database has not seen, as the definer, in one transaction with its entry: an installer
 * that is killed leaves whole files or nothing.
 * @throws NEWER_INSTALLATION when files ran that are not in the folder
 */
export async function runSchemaFiles(client: ClientBase, folder: URL, roles: Roles): Promise<string[]> {
  const files = schemaFiles(folder);
  await client.query(`create schema if not exists banyan authorization ${escapeIdentifier(roles.definer)}`);
  const ran = await filesThatRan(client);
  const unknown = ran.filter((name) => !files.includes(name));
  if (unknown.length > 0)
    throw installError(
      'NEWER_INSTALLATION',
      `the database has ${unknown.join(', ')}, which this program does not: use the program that installed it, or a later one`,
    );
  const pending = files.filter((name) => !ran.includes(name));
  for (const name of pending) {
    const sql = readFileSync(new URL(name, folder), 'utf8').replaceAll(
      ':"applier"',
      escapeIdentifier(roles.applier),
    );
    try {
      await client.query('begin');
      await client.query(`set local role ${escapeIdentifier(roles.definer)}`);
      await client.query(
        `create table if not exists banyan.schema_versions (name text primary key, ran_at timestamptz not null default now())`,
      );
      await client.query(sql);
      await client.query('insert into banyan.schema_versions (name) values ($1)', [name]);
      await client.query('commit');
    } catch (cause) {
      await client.query('rollback').catch(() => undefined);
      throw new Error(`${name}: ${messageOf(cause)}`, { cause });
    }
  }
  return pending.map((name) => `file ${name}`);
}
