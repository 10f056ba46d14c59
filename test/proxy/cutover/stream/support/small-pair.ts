import { createPair, type Pair } from './pair.ts';

/** Parents with a unique name, and children that refer to them; the two sides name things otherwise. */
export function createSmallPair(buckets: 1 | 256 = 1): Promise<Pair> {
  return createPair({
    monolith: `create table parents (id bigint primary key, name text unique, size numeric(8, 2), note varchar(10),
        home bigint default 0);
      create table children (id bigint primary key, parent_id bigint not null references parents, word text)`,
    service: `create table owners (owner_id bigint primary key, label text unique, size numeric(10, 2),
        note varchar(10), own serial, home bigint);
      create table parts (part_id bigint primary key, owner_id bigint not null references owners, word text)`,
    groups: {
      all: {
        buckets,
        datasets: {
          owners: {
            monolith: { table: 'parents', key: ['id'], partitionKey: buckets === 1 ? ['home'] : ['id'] },
            service: {
              table: 'owners',
              key: ['owner_id'],
              partitionKey: buckets === 1 ? ['home'] : ['owner_id'],
            },
            columns: [
              { monolith: 'id', service: 'owner_id' },
              { monolith: 'name', service: 'label', toService: 'upper(name)', toMonolith: 'lower(label)' },
              { monolith: 'size', service: 'size' },
              { monolith: 'note', service: 'note' },
              { monolith: 'home', service: 'home' },
            ],
          },
          parts: {
            monolith: { table: 'children', key: ['id'], partitionKey: ['id'] },
            service: { table: 'parts', key: ['part_id'], partitionKey: ['part_id'] },
            columns: [
              { monolith: 'id', service: 'part_id' },
              { monolith: 'parent_id', service: 'owner_id' },
              { monolith: 'word', service: 'word' },
            ],
          },
        },
      },
    },
  });
}

export function datasetOf(pair: Pair, name: string) {
  const dataset = pair.plan.groups.flatMap(({ datasets }) => datasets).find((one) => one.name === name);
  if (dataset === undefined) throw new Error(`no dataset ${name}`);
  return dataset;
}
