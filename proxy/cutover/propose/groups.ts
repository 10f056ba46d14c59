import type { Side } from '#flags/stages.ts';
import type { CatalogForeignKey, CatalogTable } from '../catalog/catalog.types.ts';
import { sureLikeness, type TableMatch } from './table-match.ts';

export interface ProposedDataset {
  readonly name: string;
  readonly match: TableMatch;
  readonly key: Readonly<Record<Side, readonly string[]>>;
  readonly partitionKey: Readonly<Record<Side, readonly string[]>>;
  /** Reasons of the guesses, each with whether it is sure. */
  readonly why: readonly Guess[];
}

export interface Guess {
  readonly sure: boolean;
  readonly reason: string;
}

export interface ProposedGroup {
  readonly name: string;
  readonly buckets: 1 | 256;
  readonly bucketsReason: string;
  /** Parents first. */
  readonly datasets: readonly ProposedDataset[];
}

type Columns = Readonly<Record<Side, readonly string[]>>;

/** Tables that refer to each other move together; parents come first. */
export function proposeGroups(matches: readonly TableMatch[]): ProposedGroup[] {
  return components(matches).map((members) => {
    const ordered = parentsFirst(members);
    const [root] = ordered;
    const datasets = ordered.map((match): ProposedDataset => {
      const { key, guess } = keyOf(match);
      const partition = partitionOf(match, root ?? match);
      const tables: Guess = {
        sure: match.likeness >= sureLikeness,
        reason: `${match.monolith.name} and ${match.service.name}: ${match.reason}`,
      };
      return {
        name: nameOf(match.service.name),
        match,
        key,
        partitionKey: partition.columns,
        why: [tables, guess, partition.guess],
      };
    });
    return { name: datasets[0]?.name ?? 'all', ...bucketsOf(datasets), datasets };
  });
}

function components(matches: readonly TableMatch[]): TableMatch[][] {
  const groups: TableMatch[][] = [];
  for (const match of matches) {
    const linked = groups.filter((group) =>
      group.some((other) => refer(match, other) || refer(other, match)),
    );
    for (const group of linked) groups.splice(groups.indexOf(group), 1);
    groups.push([...linked.flat(), match]);
  }
  return groups;
}

function refer(child: TableMatch, parent: TableMatch): boolean {
  return keysTo(child, parent).length > 0;
}

function keysTo(
  child: TableMatch,
  parent: TableMatch,
): { readonly side: Side; readonly key: CatalogForeignKey }[] {
  return (['service', 'monolith'] as const).flatMap((side) =>
    child[side].foreignKeys
      .filter(({ toSchema, toTable }) => toSchema === parent[side].schema && toTable === parent[side].name)
      .map((key) => ({ side, key })),
  );
}

function parentsFirst(members: readonly TableMatch[]): TableMatch[] {
  const left = [...members];
  const ordered: TableMatch[] = [];
  while (left.length > 0) {
    // A circle has no first; then the one that stands first is as good as any, and pre-flight tells it.
    const free = left.findIndex((one) => !left.some((other) => other !== one && refer(one, other)));
    ordered.push(...left.splice(Math.max(free, 0), 1));
  }
  return ordered;
}

/** Unique on both sides over columns that are pairs; the service's own key first. */
function keyOf({ monolith, service, columns }: TableMatch): { readonly key: Columns; readonly guess: Guess } {
  const uniques = service.uniques
    .filter(isWhole)
    .toSorted((a, b) => Number(b.isPrimary) - Number(a.isPrimary));
  for (const unique of uniques) {
    const paired = unique.columns.map(
      (name) => columns.find((match) => match.service.name === name)?.monolith,
    );
    const known = paired.filter((column) => column !== undefined);
    const names = known.map(({ name }) => name);
    if (known.length < unique.columns.length || !known.every(({ notNull }) => notNull)) continue;
    if (!monolith.uniques.filter(isWhole).some((other) => sameSet(other.columns, names))) continue;
    return {
      key: { monolith: names, service: unique.columns },
      guess: { sure: true, reason: `key: unique on both sides (${unique.name})` },
    };
  }
  const first = uniques[0]?.columns ?? service.columns.slice(0, 1).map(({ name }) => name);
  const names = first.map(
    (name) => columns.find((match) => match.service.name === name)?.monolith.name ?? name,
  );
  return {
    key: { monolith: names, service: first },
    guess: { sure: false, reason: 'key: no columns were found that are unique on both sides' },
  };
}

function partitionOf(
  match: TableMatch,
  root: TableMatch,
): { readonly columns: Columns; readonly guess: Guess } {
  const { key } = keyOf(root);
  if (match === root) return { columns: key, guess: { sure: true, reason: 'partition key: the key itself' } };
  const toRoot = keysTo(match, root).find(({ side, key: { toColumns } }) => sameSet(toColumns, key[side]));
  const partners = (side: Side, names: readonly string[]): string[] =>
    names.map((name) => {
      const pair = match.columns.find((column) => column[side].name === name);
      return pair?.[side === 'monolith' ? 'service' : 'monolith'].name ?? name;
    });
  if (toRoot !== undefined) {
    const { side, key: reference } = toRoot;
    const own = key[side].map((name) => reference.fromColumns[reference.toColumns.indexOf(name)] ?? name);
    const others = partners(side, own);
    const columns =
      side === 'service' ? { service: own, monolith: others } : { monolith: own, service: others };
    return {
      columns,
      guess: { sure: true, reason: `partition key: refers to ${root[side].name} (${reference.name})` },
    };
  }
  const own = keyOf(match).key.service.slice(0, key.service.length);
  return {
    columns: { service: own, monolith: partners('service', own) },
    guess: { sure: false, reason: `partition key: no foreign key leads to ${root.service.name}` },
  };
}

function bucketsOf(datasets: readonly ProposedDataset[]): Pick<ProposedGroup, 'buckets' | 'bucketsReason'> {
  const crossing = datasets.flatMap(({ match, partitionKey }) =>
    (['monolith', 'service'] as const).flatMap((side) =>
      match[side].uniques
        .filter(({ columns }) => !partitionKey[side].every((name) => columns.includes(name)))
        .filter(({ columns }) => !columns.every((name) => isOwnNumber(match, { side, name })))
        .map(({ name }) => `${match[side].name}.${name}`),
    ),
  );
  return crossing.length === 0
    ? { buckets: 256, bucketsReason: 'every unique constraint contains the partition key' }
    : { buckets: 1, bucketsReason: `unique without the partition key: ${crossing.join(', ')}` };
}

function isOwnNumber(
  match: TableMatch,
  { side, name }: { readonly side: Side; readonly name: string },
): boolean {
  const column = match[side].columns.find((known) => known.name === name);
  const travels = match.columns.some((pair) => pair[side].name === name);
  return !travels && column !== undefined && (column.sequence !== undefined || column.identity !== '');
}

function isWhole({
  isPartial,
  hasExpression,
  isExclusion,
  deferrable,
}: CatalogTable['uniques'][number]): boolean {
  return !isPartial && !hasExpression && !isExclusion && !deferrable;
}

function sameSet(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name) => other.includes(name));
}

/** Table names may hold what names of the configuration may not. */
function nameOf(table: string): string {
  const name = table
    .toLowerCase()
    .replaceAll(/[^a-z\d]+/g, '-')
    .replace(/^[^a-z]+/, '')
    .replace(/-$/, '');
  return name === '' ? 'dataset' : name.slice(0, 63);
}
