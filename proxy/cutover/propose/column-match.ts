import type { CatalogColumn, CatalogTable } from '../catalog/catalog.types.ts';
import { nameLikeness } from './similar-names.ts';

export interface ColumnMatch {
  readonly monolith: CatalogColumn;
  readonly service: CatalogColumn;
  /** 0 to 1. */
  readonly likeness: number;
  readonly reason: string;
}

const families: readonly (readonly [string, RegExp])[] = [
  ['whole', /^(smallint|integer|bigint)/],
  ['number', /^(numeric|real|double|money)/],
  ['moment', /^timestamp/],
  ['date', /^date/],
  ['time', /^(time|interval)/],
  ['boolean', /^boolean/],
  ['json', /^jsonb?$/],
  ['uuid', /^uuid/],
  ['bytes', /^bytea/],
  ['text', /^(text|character|name$|.*citext$)/],
];

/** What kind of value a column holds; an array is a kind of its own for each kind of element. */
export function familyOf({ type, labels }: CatalogColumn): string {
  if (type.endsWith('[]')) return 'list';
  if (labels.length > 0) return 'word';
  return families.find(([, pattern]) => pattern.test(type))?.[0] ?? type;
}

/** Pairs of kinds that one system often writes in place of the other. */
const kin: readonly string[] = [
  'text+word',
  'boolean+whole',
  'number+whole',
  'date+moment',
  'text+whole',
  'text+uuid',
  'whole+word',
];

function typeLikeness(one: CatalogColumn, other: CatalogColumn): number {
  const [a, b] = [familyOf(one), familyOf(other)].toSorted();
  if (a === b) return 1;
  return kin.includes(`${a}+${b}`) ? 0.6 : 0;
}

/** Pairs the columns of two tables, best first; what is alike in neither name nor kind stays without a pair. */
export function matchColumns(monolith: CatalogTable, service: CatalogTable, least = 0.4): ColumnMatch[] {
  const candidates = monolith.columns.flatMap((one, place) =>
    service.columns.map((other, otherPlace) =>
      candidate({ monolith, service, one, other, place, otherPlace }),
    ),
  );
  const taken = new Set<CatalogColumn>();
  const matches: ColumnMatch[] = [];
  for (const match of candidates.toSorted((a, b) => b.likeness - a.likeness)) {
    if (match.likeness < least || taken.has(match.monolith) || taken.has(match.service)) continue;
    taken.add(match.monolith).add(match.service);
    matches.push(match);
  }
  return matches.toSorted(
    (a, b) => monolith.columns.indexOf(a.monolith) - monolith.columns.indexOf(b.monolith),
  );
}

interface Candidate {
  readonly monolith: CatalogTable;
  readonly service: CatalogTable;
  readonly one: CatalogColumn;
  readonly other: CatalogColumn;
  readonly place: number;
  readonly otherPlace: number;
}

function candidate({ monolith, service, one, other, place, otherPlace }: Candidate): ColumnMatch {
  const name = nameLikeness(one.name, other.name);
  const type = typeLikeness(one, other);
  const apart = Math.abs(place / monolith.columns.length - otherPlace / service.columns.length);
  const keys = [keyPlace(monolith, one), keyPlace(service, other)] as const;
  const sameKeyPlace = keys[0] !== -1 && keys[0] === keys[1];
  const bothInKey = keys[0] !== -1 && keys[1] !== -1;
  const likeness =
    type === 0
      ? 0
      : name * 0.5 + type * 0.25 + (1 - apart) * 0.15 + (sameKeyPlace ? 0.1 : bothInKey ? 0.08 : 0);
  const reasons = [
    name === 1 ? 'same name' : name >= 0.5 ? 'similar name' : 'other name',
    type === 1 ? 'same kind of type' : 'kin of type',
    ...(sameKeyPlace ? ['same place in the key'] : bothInKey ? ['both in the key'] : []),
    ...(name < 0.5 && apart < 0.1 ? ['same place in the table'] : []),
  ];
  return { monolith: one, service: other, likeness, reason: reasons.join(', ') };
}

function keyPlace(table: CatalogTable, { name }: CatalogColumn): number {
  return table.uniques.find(({ isPrimary }) => isPrimary)?.columns.indexOf(name) ?? -1;
}
