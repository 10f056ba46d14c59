import { escapeIdentifier } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { pipeline } from 'node:stream/promises';
import { datasetsOf } from '#proxy/cutover/backfill/passage.ts';
import { openSide } from '#proxy/cutover/database.ts';
import { mappingFrom } from '#proxy/cutover/plan.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';

/** Each table of the plan by one COPY piped into another, with the mapping's expressions: what a script would do. */
export async function copyPlainly(plan: CutoverPlan): Promise<void> {
  const options = { part: 'bench', max: 1, statementTimeoutMs: 0 };
  const pools = { source: openSide(plan, 'monolith', options), target: openSide(plan, 'service', options) };
  try {
    const [source, target] = [await pools.source.connect(), await pools.target.connect()];
    for (const dataset of datasetsOf(plan)) {
      const mapping = mappingFrom(dataset, 'monolith');
      const list = mapping
        .map(({ expression, source }) => expression ?? escapeIdentifier(source ?? ''))
        .join(', ');
      const columns = mapping.map(({ column }) => escapeIdentifier(column)).join(', ');
      const { monolith, service } = dataset.tables;
      await pipeline(
        source.query(copyTo(`copy (select ${list} from ${monolith.schema}.${monolith.table}) to stdout`)),
        target.query(copyFrom(`copy ${service.schema}.${service.table} (${columns}) from stdin`)),
      );
    }
    source.release();
    target.release();
  } finally {
    await Promise.all([pools.source.end(), pools.target.end()]);
  }
}
