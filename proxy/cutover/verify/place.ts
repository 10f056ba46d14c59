import type { Side } from '#flags/stages.ts';
import type { Queryable } from '../backfill/catalog.ts';
import type { KeyValues } from '../backfill/keyset.ts';

/** How far the continuous verification has walked along one side's keys. */
export interface Place {
  readonly after: KeyValues | undefined;
  readonly round: number;
  readonly rowsInRound: number;
  readonly roundBegan: Date;
}

export interface PlaceName {
  readonly datasetId: number;
  readonly walked: Side;
}

/** The place where an earlier process was, or the start of the first round. Kept on the follower. */
export async function readPlace(db: Queryable, { datasetId, walked }: PlaceName): Promise<Place> {
  await db.query(
    'insert into banyan.verify_places (dataset_id, walked) values ($1, $2) on conflict do nothing',
    [datasetId, walked],
  );
  const { rows } = await db.query<{ after_key: string[] | null; round: string; rows: string; began: string }>(
    `select after_key, round, rows_in_round as rows, (extract(epoch from round_began) * 1000)::int8 as began
     from banyan.verify_places where dataset_id = $1 and walked = $2`,
    [datasetId, walked],
  );
  const row = rows[0];
  return {
    after: row?.after_key ?? undefined,
    round: Number(row?.round ?? 1),
    rowsInRound: Number(row?.rows ?? 0),
    roundBegan: new Date(Number(row?.began ?? 0)),
  };
}

export async function movePlace(
  db: Queryable,
  { datasetId, walked }: PlaceName,
  { after, rows }: { readonly after: KeyValues; readonly rows: number },
): Promise<void> {
  await db.query(
    `update banyan.verify_places set after_key = $3, rows_in_round = rows_in_round + $4
     where dataset_id = $1 and walked = $2`,
    [datasetId, walked, after, rows],
  );
}

export async function endRound(db: Queryable, { datasetId, walked }: PlaceName): Promise<void> {
  await db.query(
    `update banyan.verify_places set after_key = null, rows_in_round = 0, round = round + 1,
       round_began = clock_timestamp(), last_round_ended = clock_timestamp()
     where dataset_id = $1 and walked = $2`,
    [datasetId, walked],
  );
}
