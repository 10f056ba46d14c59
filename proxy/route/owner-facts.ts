import type { Side } from '#flags/stages.ts';
import type { GroupOwnership, GroupShape, OwnerFact } from './ownership.types.ts';

/** What is known of one bucket. */
export interface Fact {
  readonly owner: Side | undefined;
  readonly from: Side | undefined;
  readonly epoch: number;
  /** Not told by anyone: a write was taken there while nobody was known to own it. The first refusal undoes it. */
  readonly guessed: boolean;
}

export interface Place {
  readonly migration: string;
  readonly group: string;
  readonly bucket: number;
}

export interface OwnerFacts {
  of(place: Place): Fact | undefined;
  /** What holds for every key of the group: its one bucket, or 256 with the same owner. */
  ofWhole(migration: string, group: string): Fact | undefined;
  /** The migration's only group, where the shape of all of them was told. */
  onlyGroup(migration: string): string | undefined;
  shape(shape: GroupShape): void;
  /** @returns whether it is news */
  learn(fact: OwnerFact): boolean;
  /** @returns whether it is news */
  guess(place: Place, owner: Side): boolean;
  /** The guessed owner refused. */
  unguess(place: Place, owner: Side): void;
  /** Whether nothing at all is known of the migration. */
  knowsNothing(migration: string): boolean;
  summary(migration: string): Readonly<Record<string, GroupOwnership>>;
}

interface Group {
  /** `undefined` while nobody said. */
  told: 1 | 256 | undefined;
  readonly byBucket: Map<number, Fact>;
  /** `undefined`: to be looked up anew. */
  whole: Fact | 'mixed' | undefined;
}

/** Names come from outside, in the headers of an upstream. */
const maxGroups = 64;

export function createOwnerFacts(): OwnerFacts {
  const migrations = new Map<string, Map<string, Group>>();

  const groupOf = (migration: string, name: string): Group | undefined => {
    let groups = migrations.get(migration);
    if (groups === undefined) migrations.set(migration, (groups = new Map()));
    let group = groups.get(name);
    if (group === undefined && groups.size < maxGroups) {
      group = { told: undefined, byBucket: new Map(), whole: undefined };
      groups.set(name, group);
    }
    return group;
  };
  const of = ({ migration, group, bucket }: Place): Fact | undefined =>
    migrations.get(migration)?.get(group)?.byBucket.get(bucket);
  const put = ({ migration, group, bucket }: Place, fact: Fact): void => {
    const known = groupOf(migration, group);
    if (known === undefined) return;
    known.byBucket.set(bucket, fact);
    known.whole = undefined;
  };

  return {
    of,
    ofWhole(migration, name) {
      const group = migrations.get(migration)?.get(name);
      if (group === undefined) return undefined;
      group.whole ??= wholeOf(group);
      return group.whole === 'mixed' ? undefined : group.whole;
    },
    onlyGroup(migration) {
      const told = [...(migrations.get(migration) ?? [])].filter(([, group]) => group.told !== undefined);
      return told.length === 1 ? told[0]?.[0] : undefined;
    },
    shape({ migration, group, buckets }) {
      const known = groupOf(migration, group);
      if (known === undefined) return;
      known.told = buckets;
      known.whole = undefined;
    },
    learn(fact) {
      const known = of(fact);
      if (known !== undefined && !isNewer(fact, known)) return false;
      put(fact, { owner: fact.owner, from: fact.from, epoch: fact.epoch, guessed: false });
      return true;
    },
    guess(place, owner) {
      const known = of(place);
      if (known === undefined || known.owner !== undefined) return false;
      put(place, { ...known, owner, guessed: true });
      return true;
    },
    unguess(place, owner) {
      const known = of(place);
      if (known?.guessed === true && known.owner === owner)
        put(place, { ...known, owner: undefined, guessed: false });
    },
    knowsNothing: (migration) => !migrations.has(migration),
    summary: (migration) =>
      Object.fromEntries(
        [...(migrations.get(migration) ?? [])].map(([name, group]) => [name, summaryOf(group)]),
      ),
  };
}

/**
 * Epochs only rise, so the higher one is later, whenever it came. Within one epoch the side that gave the bucket up says
 * nobody for ever, also when the other has long opened: an owner counts more.
 */
function isNewer(fact: OwnerFact, known: Fact): boolean {
  if (fact.epoch !== known.epoch) return fact.epoch > known.epoch;
  return fact.owner !== undefined && (known.owner === undefined || known.guessed);
}

function wholeOf({ told, byBucket }: Group): Fact | 'mixed' {
  const [first, ...others] = byBucket.values();
  if (first === undefined) return 'mixed';
  // Without a word on its shape, a group of which only bucket 0 was ever named has no other.
  if (told === 1 || (told === undefined && byBucket.size === 1 && byBucket.has(0))) return first;
  if (byBucket.size < 256 || others.some(({ owner }) => owner !== first.owner)) return 'mixed';
  return others.reduce((a, b) => (b.epoch > a.epoch ? b : a), first);
}

function summaryOf({ byBucket }: Group): GroupOwnership {
  const owned = { monolith: 0, service: 0, moving: 0 };
  let epoch = 0;
  for (const fact of byBucket.values()) {
    owned[fact.owner ?? 'moving'] += 1;
    epoch = Math.max(epoch, fact.epoch);
  }
  return { epoch, owned };
}
