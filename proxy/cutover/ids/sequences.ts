import { escapeIdentifier, type ClientBase } from 'pg';
import type { Side } from '#flags/stages.ts';
import type { CutoverPlan, DatasetPlan } from '../plan.types.ts';
import { withPatientLock } from '../install/patient-lock.ts';

/** Ids of one side are odd, of the other even, so that both may draw while buckets are shared out. */
const offsets: Readonly<Record<Side, 0 | 1>> = { monolith: 1, service: 0 };
export const idStep = 2;

export function isOfSide(id: bigint, side: Side): boolean {
  return BigInt.asUintN(1, id) === BigInt(offsets[side]);
}

export interface IdSequence {
  readonly schema: string;
  readonly name: string;
  /** Column that it fills. */
  readonly column: string;
}

/** The sequences that fill columns of a dataset's key on one side: of serial and identity columns, and of plain defaults. */
export async function sequencesOf(
  db: Pick<ClientBase, 'query'>,
  dataset: DatasetPlan,
  side: Side,
): Promise<IdSequence[]> {
  const { schema, table, key } = dataset.tables[side];
  const { rows } = await db.query<IdSequence>(
    `select distinct n.nspname as schema, s.relname as name, a.attname as column
     from pg_class t join pg_namespace tn on tn.oid = t.relnamespace
     join pg_attribute a on a.attrelid = t.oid and a.attname = any($3::name[]) and not a.attisdropped
     left join pg_attrdef f on f.adrelid = t.oid and f.adnum = a.attnum
     join pg_depend d on (d.refclassid = 'pg_class'::regclass and d.refobjid = t.oid and d.refobjsubid = a.attnum
         and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i'))
       or (d.classid = 'pg_attrdef'::regclass and d.objid = f.oid and d.refclassid = 'pg_class'::regclass)
     join pg_class s on s.relkind = 'S' and s.oid in (d.objid, d.refobjid)
     join pg_namespace n on n.oid = s.relnamespace
     where tn.nspname = $1 and t.relname = $2 order by 1, 2`,
    [schema, table, key],
  );
  return rows;
}

export interface IdWork {
  readonly client: ClientBase;
  readonly plan: CutoverPlan;
  readonly side: Side;
  /** Role that may look and advance. */
  readonly applier: string;
  readonly waitMs: number;
  readonly giveUpMs: number;
}

/** Interleaves the ids that this side draws with the other side's. Again is harmless. @throws TABLE_BUSY */
export async function ensureInterleaved({
  client,
  plan,
  side,
  applier,
  waitMs,
  giveUpMs,
}: IdWork): Promise<string[]> {
  const changes: string[] = [];
  for (const dataset of plan.groups.flatMap(({ datasets }) => datasets)) {
    for (const { schema, name, column } of await sequencesOf(client, dataset, side)) {
      const sequence = `${escapeIdentifier(schema)}.${escapeIdentifier(name)}`;
      await client.query(`grant select, update on sequence ${sequence} to ${escapeIdentifier(applier)}`);
      const { rows } = await client.query<{ increment: string; next: string }>(
        `select s.increment_by as increment,
           (greatest(coalesce(s.last_value, s.start_value - 1), (select coalesce(max(t.${escapeIdentifier(column)}), 0) from ${tableOf(dataset, side)} t)) + 1)::text as next
         from pg_sequences s where s.schemaname = $1 and s.sequencename = $2`,
        [schema, name],
      );
      const [found] = rows;
      if (found === undefined || Number(found.increment) !== 1) continue;
      // Ids that are drawn between the look and the lock: what they skip costs nothing.
      const next = BigInt(found.next) + 1_000n;
      const restart = isOfSide(next, side) ? next : next + 1n;
      await withPatientLock(
        client,
        [
          `alter sequence ${sequence} increment by ${idStep} restart with ${restart}`,
          `insert into banyan.id_sequences (schema_name, sequence_name, increment_before)
             values (${literal(schema)}, ${literal(name)}, ${found.increment}) on conflict do nothing`,
        ],
        { table: sequence, waitMs, giveUpMs },
      );
      changes.push(`ids of ${sequence} every second, ${side === 'monolith' ? 'odd' : 'even'}`);
    }
  }
  return changes;
}

/** Draws every id again. Before the schema goes, since it knows what was changed. */
export async function undoInterleaved(
  client: ClientBase,
  { applier, waitMs, giveUpMs }: Pick<IdWork, 'applier' | 'waitMs' | 'giveUpMs'>,
): Promise<string[]> {
  const { rowCount } = await client.query(`select where to_regclass('banyan.id_sequences') is not null`);
  if (rowCount === 0) return [];
  const { rows } = await client.query<{ sequence: string; increment: string }>(
    `select format('%I.%I', i.schema_name, i.sequence_name) as sequence, i.increment_before as increment
     from banyan.id_sequences i join pg_sequences s on s.schemaname = i.schema_name and s.sequencename = i.sequence_name`,
  );
  for (const { sequence, increment } of rows) {
    await withPatientLock(
      client,
      [
        `alter sequence ${sequence} increment by ${increment}`,
        `revoke select, update on sequence ${sequence} from ${escapeIdentifier(applier)}`,
      ],
      { table: sequence, waitMs, giveUpMs },
    );
  }
  return rows.map(({ sequence }) => `ids of ${sequence}`);
}

function tableOf(dataset: DatasetPlan, side: Side): string {
  const { schema, table } = dataset.tables[side];
  return `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
