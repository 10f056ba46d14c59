import { createHash } from 'node:crypto';
import type { ClientBase } from 'pg';
import type { Change } from './change.types.ts';
import { noRowsFault } from './failures.ts';
import type { TargetDataset, TargetGroup } from './target-group.ts';

/** What of a change is needed to write it. */
export type Writable = Pick<Change, 'dataset' | 'deleted' | 'values' | 'epoch' | 'seq' | 'bucket'>;

export interface Tried<One extends Writable> {
  readonly applied: number;
  readonly refused: readonly {
    readonly change: One;
    readonly sqlstate: string;
    readonly reason: string;
  }[];
}

interface Refused {
  readonly at: number;
  readonly sqlstate: string;
  readonly reason: string;
}

/** Statements that a session has prepared by now. */
const prepared = new WeakMap<ClientBase, Set<string>>();

/**
 * Applies changes one by one as they stand, in one statement: for a page that many rows are refused in, as where a backfill
 * has brought a later state than the page's. Finding those by halves would take a dozen statements for each.
 */
export async function applyOneByOne<One extends Writable>(
  client: ClientBase,
  target: TargetGroup,
  changes: readonly One[],
): Promise<Tried<One>> {
  const datasets = new Map(target.datasets.map((dataset) => [dataset.name, dataset]));
  const known = changes.filter(({ dataset }) => datasets.has(dataset));
  const statements = target.datasets.flatMap(({ putSql, deleteSql }) => [putSql, deleteSql]);
  await prepare(client, statements);
  const { rows } = await client.query<{ applied: number; refused: string }>(
    `select applied, refused::text as refused
     from pg_temp.banyan_try_each($1::text[], $2::int4[], $3::text[], $4::bigint[], $5::bigint[], $6::smallint[], $7)`,
    [
      statements.map((sql) => nameOf(sql)),
      known.map((change) => statements.indexOf(statementOf(datasets.get(change.dataset), change)) + 1),
      known.map(({ values }) => values),
      known.map(({ epoch }) => epoch),
      known.map(({ seq }) => seq),
      known.map(({ bucket }) => bucket),
      target.deferrable,
    ],
  );
  const refused = JSON.parse(rows[0]?.refused ?? '[]') as Refused[];
  return {
    applied: rows[0]?.applied ?? 0,
    refused: refused.flatMap(({ at, sqlstate, reason }) => {
      const change = known[at - 1];
      return change === undefined ? [] : [{ change, sqlstate, reason }];
    }),
  };
}

function statementOf(dataset: TargetDataset | undefined, { deleted }: Writable): string {
  return (deleted ? dataset?.deleteSql : dataset?.putSql) ?? '';
}

/** Planned once for a session: a plan for each row costs many times what the row does. */
async function prepare(client: ClientBase, statements: readonly string[]): Promise<void> {
  const done = prepared.get(client) ?? new Set();
  if (!prepared.has(client)) await client.query(functionSql);
  prepared.set(client, done);
  for (const sql of statements) {
    const name = nameOf(sql);
    if (done.has(name)) continue;
    await client.query(`prepare ${name} (text[], bigint[], bigint[], smallint[]) as ${sql}`);
    done.add(name);
  }
}

function nameOf(sql: string): string {
  return `banyan_each_${createHash('sha256').update(sql).digest('hex').slice(0, 24)}`;
}

/** Of this session alone: it runs what it is given, with the applier's own rights. */
const functionSql = `create or replace function pg_temp.banyan_try_each(
    statements text[], which int4[], row_values text[], epochs bigint[], seqs bigint[], buckets smallint[], waiting boolean,
    out applied int4, out refused jsonb)
  language plpgsql as $$
  declare
    newer int4;
  begin
    applied := 0;
    refused := '[]';
    for place in 1..coalesce(cardinality(which), 0) loop
      begin
        execute format('execute %I (%L, %L, %L, %L)', statements[which[place]], row_values[place:place],
          epochs[place:place], seqs[place:place], buckets[place:place]) into newer;
        if waiting then
          set constraints all immediate;
          set constraints all deferred;
        end if;
        applied := applied + newer;
      exception when others then
        if sqlstate ~ '^(${noRowsFault.join('|')})' then
          raise;
        end if;
        refused := refused || jsonb_build_object('at', place, 'sqlstate', sqlstate, 'reason', sqlerrm);
      end;
    end loop;
  end $$`;
