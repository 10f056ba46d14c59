import type { Pool } from 'pg';
import type { Side } from '#flags/stages.ts';
import { openSide } from '../database.ts';
import type { CutoverPlan } from '../plan.types.ts';

/** What on the side that is left still has to do with the tables that moved, each a sentence. */
export interface StillNeeded {
  /** Foreign keys of tables that stay: a reader of theirs may rely on a row that never came. They forbid to complete. */
  readonly foreignKeys: readonly string[];
  /** Views over them: they answer from the past from then on. Only whoever reads them knows whether that matters. */
  readonly views: readonly string[];
}

/** What of `side` the catalog knows; who reads the tables by statements of its own it does not. */
export async function stillNeeded(plan: CutoverPlan, side: Side): Promise<StillNeeded> {
  const pool = openSide(plan, side, { part: 'complete', max: 1 });
  const tables = plan.groups
    .flatMap(({ datasets }) => datasets)
    .map(({ tables: of }) => `${of[side].schema}.${of[side].table}`);
  try {
    return { foreignKeys: await foreignKeys(pool, tables), views: await views(pool, tables) };
  } finally {
    await pool.end();
  }
}

async function foreignKeys(pool: Pool, tables: readonly string[]): Promise<string[]> {
  const { rows } = await pool.query<{ said: string }>(
    `select format('%s.%s refers to %s.%s (%s): its rows need the copy', cn.nspname, c.relname, tn.nspname, t.relname, k.conname) as said
     from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace cn on cn.oid = c.relnamespace
     join pg_class t on t.oid = k.confrelid join pg_namespace tn on tn.oid = t.relnamespace
     where k.contype = 'f' and k.conparentid = 0 and tn.nspname || '.' || t.relname = any($1::text[])
       and not cn.nspname || '.' || c.relname = any($1::text[]) order by 1`,
    [tables],
  );
  return rows.map(({ said }) => said);
}

/** Views that read views that read one of the tables come too; those of the engine do not. */
async function views(pool: Pool, tables: readonly string[]): Promise<string[]> {
  const { rows } = await pool.query<{ said: string }>(
    `with recursive reads as (
       select distinct w.ev_class as reader, d.refobjid as relation
       from pg_rewrite w join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
         and d.refclassid = 'pg_class'::regclass and d.refobjid <> w.ev_class),
     found as (
       select r.reader, r.relation from reads r join pg_class t on t.oid = r.relation
       join pg_namespace n on n.oid = t.relnamespace where n.nspname || '.' || t.relname = any($1::text[])
       union select r.reader, f.relation from found f join reads r on r.relation = f.reader)
     select format('%s %s.%s reads %s.%s, and answers from the past from then on',
       case v.relkind when 'm' then 'materialized view' else 'view' end, vn.nspname, v.relname, tn.nspname, t.relname) as said
     from found f join pg_class v on v.oid = f.reader join pg_namespace vn on vn.oid = v.relnamespace
     join pg_class t on t.oid = f.relation join pg_namespace tn on tn.oid = t.relnamespace
     where v.relkind in ('v', 'm') and vn.nspname <> 'banyan' order by 1`,
    [tables],
  );
  return rows.map(({ said }) => said);
}
