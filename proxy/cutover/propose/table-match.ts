import type { CatalogTable } from '../catalog/catalog.types.ts';
import type { Catalog } from '../catalog/tables.ts';
import { matchColumns, type ColumnMatch } from './column-match.ts';
import { nameLikeness } from './similar-names.ts';

export interface TableMatch {
  readonly monolith: CatalogTable;
  readonly service: CatalogTable;
  readonly columns: readonly ColumnMatch[];
  readonly likeness: number;
  readonly reason: string;
}

export interface MatchedTables {
  readonly matches: readonly TableMatch[];
  /** Tables of the service that nothing was found for. */
  readonly unmatched: readonly CatalogTable[];
  /** Tables of the service with rows that nothing tells apart. */
  readonly keyless: readonly CatalogTable[];
}

/** Columns of a pair of tables are guessed at more boldly than the tables themselves. */
const guessedLikeness = 0.28;

/** Below it two tables are taken for strangers; below `sureLikeness` the guess is marked. */
const leastLikeness = 0.3;
export const sureLikeness = 0.65;

/** For every table of the service, which holds little besides the domain, the most alike of the monolith. */
export function matchTables(monolith: Catalog, service: Catalog): MatchedTables {
  const taken = new Set<CatalogTable>();
  const matches: TableMatch[] = [];
  for (const match of candidates(monolith, service)) {
    if (match.likeness < leastLikeness || taken.has(match.monolith) || taken.has(match.service)) continue;
    taken.add(match.monolith).add(match.service);
    matches.push({ ...match, columns: matchColumns(match.monolith, match.service, guessedLikeness) });
  }
  return {
    matches,
    unmatched: service.tables.filter((table) => isGated(table) && !taken.has(table)),
    keyless: service.tables.filter((table) => isPlain(table) && table.uniques.length === 0),
  };
}

function candidates(monolith: Catalog, service: Catalog): TableMatch[] {
  return service.tables
    .filter(isGated)
    .flatMap((there) => monolith.tables.filter(isGated).map((here) => candidate(here, there)))
    .toSorted((a, b) => b.likeness - a.likeness);
}

function isGated(table: CatalogTable): boolean {
  return isPlain(table) && table.uniques.length > 0;
}

function isPlain({ kind, isPartition, name }: CatalogTable): boolean {
  return (
    (kind === 'r' || kind === 'p') &&
    !isPartition &&
    !/^(schema_)?migrations?$|schema_migrations|applied_migrations/.test(name)
  );
}

function candidate(monolith: CatalogTable, service: CatalogTable): TableMatch {
  const columns = matchColumns(monolith, service);
  const most = Math.max(monolith.columns.length, service.columns.length);
  const covered = columns.reduce((sum, { likeness }) => sum + likeness, 0) / most;
  const name = nameLikeness(monolith.name, service.name);
  const parts = [
    name === 1 ? 'same name' : name >= 0.5 ? 'similar name' : 'another name',
    `${columns.length} of ${most} columns alike`,
  ];
  return { monolith, service, columns, likeness: name * 0.35 + covered * 0.65, reason: parts.join(', ') };
}
