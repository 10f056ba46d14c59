import type { ConfigProblem } from './problem.ts';
import type { Config } from './schema.ts';
import { databaseOf } from './database-of.ts';
import { sharedDatabases } from './shared-databases.ts';
import { malformed, type SoundParts } from './sound-parts.ts';

type Data = NonNullable<Config['migrations'][string]['data']>;
type Dataset = Data['groups'][string]['datasets'][string];
type Path = readonly (string | number)[];

const sides = ['monolith', 'service'] as const;
type Side = (typeof sides)[number];

/** What a field of `migrations.*.data` alone can't show. What only the databases can show is left to pre-flight. */
export function dataChecks(config: Pick<SoundParts, 'migrations'>): ConfigProblem[] {
  return [
    ...Object.entries(config.migrations).flatMap(([name, { data }]) =>
      data === undefined || data === malformed ? [] : oneMigration(data, ['migrations', name, 'data']),
    ),
    ...tablesTakenTwice(config),
    ...sharedDatabases(config),
  ];
}

function oneMigration(data: Data, at: Path): ConfigProblem[] {
  return [
    ...databaseChecks(data, at),
    ...acknowledgeChecks(data, at),
    ...namesTakenTwice(data, at),
    ...everyDataset(data, at).flatMap(({ dataset, path }) => datasetChecks(dataset, path)),
    ...Object.entries(data.groups).flatMap(([group, { datasets }]) =>
      partitionLengths(datasets, [...at, 'groups', group, 'datasets']),
    ),
  ];
}

interface PlacedDataset {
  readonly name: string;
  readonly dataset: Dataset;
  readonly path: Path;
}

function everyDataset({ groups }: Data, at: Path): PlacedDataset[] {
  return Object.entries(groups).flatMap(([group, { datasets }]) =>
    Object.entries(datasets).map(([name, dataset]) => ({
      name,
      dataset,
      path: [...at, 'groups', group, 'datasets', name],
    })),
  );
}

function databaseChecks(data: Data, at: Path): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  for (const side of sides) {
    const { url, installUrl } = data[side];
    const path = [...at, side, 'url'];
    const { username, password, pathname } = new URL(url);
    if (username === '' || password === '') {
      problems.push({
        path,
        message:
          'must carry the name and password that the copy writes with: postgres://name:password@host/database; `banyan cutover install` makes that role',
      });
    }
    if (pathname.length < 2) problems.push({ path, message: 'must name the database after the host' });
    if (installUrl === undefined) continue;
    if (username !== '' && new URL(installUrl).username === username) {
      problems.push({
        path: [...at, side, 'installUrl'],
        message: `has the name that url has, ${username}; the role that copies must be one that no one else uses, or its writes could not be told from theirs`,
      });
    }
    if (databaseOf(installUrl) !== databaseOf(url)) {
      problems.push({
        path: [...at, side, 'installUrl'],
        message: 'is another database than url; both must name the same host, port and database',
      });
    }
  }
  if (databaseOf(data.monolith.url) === databaseOf(data.service.url)) {
    problems.push({
      path: [...at, 'service', 'url'],
      message: 'is the monolith’s database as well; each side needs its own',
    });
  }
  return problems;
}

function acknowledgeChecks({ acknowledge, acknowledgeWithin }: Data, at: Path): ConfigProblem[] {
  if (acknowledge === 'both' || acknowledgeWithin === undefined) return [];
  const message = 'has no use with acknowledge: async; write acknowledge: both, or drop it';
  return [{ path: [...at, 'acknowledgeWithin'], message }];
}

function namesTakenTwice(data: Data, at: Path): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const groupOf = new Map<string, string>();
  for (const { name, path } of everyDataset(data, at)) {
    const group = String(path.at(-3));
    const other = groupOf.get(name);
    if (other === undefined) groupOf.set(name, group);
    else
      problems.push({
        path,
        message: `is the name of a dataset of group ${other}; names are unique over the groups of a migration`,
      });
  }
  for (const [group, { datasets }] of Object.entries(data.groups)) {
    if (Object.keys(datasets).length > 0) continue;
    problems.push({
      path: [...at, 'groups', group, 'datasets'],
      message: 'must have at least one dataset; drop the group, or list what it moves',
    });
  }
  return problems;
}

/** Over all migrations: two of them may leave the same database, and one table can have one gate. */
function tablesTakenTwice({ migrations }: Pick<SoundParts, 'migrations'>): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const takenBy = new Map<string, string>();
  for (const [migration, { data }] of Object.entries(migrations)) {
    if (data === undefined || data === malformed) continue;
    for (const { name, dataset, path } of everyDataset(data, ['migrations', migration, 'data'])) {
      for (const side of sides) {
        const { table } = dataset[side];
        const qualified = table.includes('.') ? table : `public.${table}`;
        const place = `${databaseOf(data[side].url)} ${qualified}`;
        const other = takenBy.get(place);
        if (other === undefined) takenBy.set(place, name);
        else
          problems.push({
            path: [...path, side, 'table'],
            message: `belongs to dataset ${other} already; a table belongs to one dataset`,
          });
      }
    }
  }
  return problems;
}

function datasetChecks(dataset: Dataset, at: Path): ConfigProblem[] {
  return [
    ...pairedColumns(dataset, at, 'key'),
    ...pairedColumns(dataset, at, 'partitionKey'),
    ...columnsTakenTwice(dataset, at),
  ];
}

/** The n-th column of a key on one side must be the n-th on the other, one to one: a mapping that joins two rows would lose one. */
function pairedColumns(dataset: Dataset, at: Path, field: 'key' | 'partitionKey'): ConfigProblem[] {
  const { monolith, service, columns } = dataset;
  const problems = sides.flatMap((side) => repeatedNames(dataset[side][field], [...at, side, field]));
  if (monolith[field].length !== service[field].length) {
    problems.push({
      path: [...at, 'service', field],
      message: `must have as many columns as the monolith’s, which has ${monolith[field].length}: the n-th is the n-th of the other side`,
    });
    return problems;
  }
  for (const [index, column] of monolith[field].entries()) {
    const other = service[field][index] ?? '';
    const path = [...at, 'monolith', field, index];
    const pair = columns.find((entry) => entry.monolith === column && entry.service === other);
    if (pair === undefined) {
      problems.push({
        path,
        message: `must stand in columns as the pair of the service’s: { monolith: ${column}, service: ${other} }`,
      });
      continue;
    }
    const expressions = [pair.toService, pair.toMonolith].filter((sql) => sql !== undefined).length;
    const names = `{ monolith: ${column}, service: ${other} }`;
    if (field === 'partitionKey' && expressions > 0) {
      problems.push({
        path,
        message: `must travel as it is, since both sides hash its text; drop the expressions from ${names}, or choose another partition key`,
      });
    } else if (field === 'key' && expressions === 1) {
      problems.push({
        path,
        message: `must be mapped one to one; give ${names} both toService and toMonolith, each undoing the other, or neither`,
      });
    }
  }
  return problems;
}

function repeatedNames(names: readonly string[], at: Path): ConfigProblem[] {
  return names.flatMap((column, index) =>
    names.indexOf(column) === index
      ? []
      : [{ path: [...at, index], message: `stands in the list twice; name ${column} once` }],
  );
}

function columnsTakenTwice({ columns }: Dataset, at: Path): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const taken: Record<Side, Set<string>> = { monolith: new Set(), service: new Set() };
  for (const [index, column] of columns.entries()) {
    for (const side of sides) {
      const name = column[side];
      if (name === undefined) continue;
      if (taken[side].has(name))
        problems.push({
          path: [...at, 'columns', index, side],
          message: `is filled by another entry as well; list ${name} once`,
        });
      taken[side].add(name);
    }
    for (const [expression, filled] of [
      ['toService', 'service'],
      ['toMonolith', 'monolith'],
    ] as const) {
      if (column[expression] === undefined || column[filled] !== undefined) continue;
      problems.push({
        path: [...at, 'columns', index, expression],
        message: `fills nothing; name the column beside it, ${filled}: …, or drop it`,
      });
    }
  }
  return problems;
}

/** A bucket is a number of the group, so every dataset of it must hash the same columns. */
function partitionLengths(datasets: Data['groups'][string]['datasets'], at: Path): ConfigProblem[] {
  const [first, ...others] = Object.entries(datasets);
  if (first === undefined) return [];
  const length = first[1].monolith.partitionKey.length;
  return others.flatMap(([name, { monolith }]) =>
    monolith.partitionKey.length === length
      ? []
      : [
          {
            path: [...at, name, 'monolith', 'partitionKey'],
            message: `must have as many columns as that of ${first[0]}, which has ${length}: rows of one partition lie in one bucket`,
          },
        ],
  );
}
