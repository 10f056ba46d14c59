import type { ClientBase } from 'pg';
import type { InstalledDataset } from './dataset-objects.ts';

/**
 * Notes the partitions that a dataset's table has now, as the definer. Where some came or went since they were noted, rows
 * may have moved past the triggers: then the group's capture stops, so that its copy begins anew.
 */
export async function recordPartitions(
  client: ClientBase,
  { dataset, datasetId, table }: InstalledDataset,
): Promise<string[]> {
  if (!table.partitioned) return [];
  const { rows } = await client.query<{ why: string | null }>(
    'select banyan.stop_where_parts_moved($1) as why',
    [dataset.group],
  );
  await client.query(
    `delete from banyan.partitions where dataset_id = $1 and relation not in (select t::oid from banyan.tables_of($1) t)`,
    [datasetId],
  );
  await client.query(
    `insert into banyan.partitions (dataset_id, relation, name)
     select $1, t::oid, t::text from banyan.tables_of($1) t on conflict do nothing`,
    [datasetId],
  );
  const why = rows[0]?.why ?? undefined;
  return why === undefined ? [] : [`${why}: the copy of ${dataset.group} has to begin anew`];
}
