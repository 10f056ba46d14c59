import { databaseOf } from './database-of.ts';
import type { ConfigProblem } from './problem.ts';
import { malformed, type SoundParts } from './sound-parts.ts';

const sides = ['monolith', 'service'] as const;

interface Taken {
  readonly migration: string;
  readonly username: string;
  readonly password: string;
}

/**
 * Several migrations may share a database. There its groups and datasets are told apart by their names alone, and the gates
 * of all let one login pass.
 */
export function sharedDatabases({ migrations }: Pick<SoundParts, 'migrations'>): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const logins = new Map<string, Taken>();
  const names = new Map<string, string>();
  for (const [migration, { data }] of Object.entries(migrations)) {
    if (data === undefined || data === malformed) continue;
    const at = ['migrations', migration, 'data'];
    const taken: { readonly what: string; readonly name: string; readonly path: readonly string[] }[] = [];
    for (const [group, { datasets }] of Object.entries(data.groups)) {
      taken.push({ what: 'group', name: group, path: [...at, 'groups', group] });
      for (const name of Object.keys(datasets))
        taken.push({ what: 'dataset', name, path: [...at, 'groups', group, 'datasets', name] });
    }
    const told = new Set<string>();
    for (const side of sides) {
      const database = databaseOf(data[side].url);
      const { username, password } = new URL(data[side].url);
      const login = logins.get(database);
      if (login === undefined) logins.set(database, { migration, username, password });
      else if (login.username !== username || login.password !== password)
        problems.push({
          path: [...at, side, 'url'],
          message: `names another login than migration ${login.migration} does for this database; a gate lets one login pass, so both must copy with the same name and password`,
        });
      for (const { what, name, path } of taken) {
        const place = `${database} ${what} ${name}`;
        const other = names.get(place);
        if (other === undefined) names.set(place, migration);
        else if (other !== migration && !told.has(`${what} ${name}`)) {
          told.add(`${what} ${name}`);
          problems.push({
            path,
            message: `is the name of a ${what} of migration ${other}, which shares a database with this one; give it another`,
          });
        }
      }
    }
  }
  return problems;
}
