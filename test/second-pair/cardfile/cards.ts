import type { Pool } from 'pg';
import type {
  Access,
  ArchiveDocument,
  DocumentEntry,
  DocumentPage,
  DocumentSearch,
} from '../contract/documents.ts';
import type { WantedRevisions } from '../contract/revision.ts';

export interface CardKey {
  readonly house: string;
  readonly signature: string;
}

export interface FoundCard {
  readonly document: ArchiveDocument;
  readonly struck: boolean;
}

interface Row extends Omit<ArchiveDocument, 'access' | 'changedAt'> {
  readonly access: 'O' | 'R' | 'S' | null;
  readonly changedAt: Date;
  readonly struck: boolean;
}

const letters: Readonly<Record<Access, 'O' | 'R' | 'S'>> = { open: 'O', restricted: 'R', sealed: 'S' };
const words: Readonly<Record<'O' | 'R' | 'S', Access>> = { O: 'open', R: 'restricted', S: 'sealed' };

const columns = `house as archive, signature as code, heading as title, keywords, extra as attributes,
  trim_scale(insured)::text as "insuredValue", access, replaced_by as "supersededBy", rev as revision,
  touched at time zone 'utc' as "changedAt", struck_at is not null as struck`;

const fields = ['heading', 'keywords', 'extra', 'insured', 'access', 'replaced_by', 'touched'];

export async function findCard(pool: Pool, { house, signature }: CardKey): Promise<FoundCard | undefined> {
  const found = await pool.query<Row>(`select ${columns} from cards where house = $1 and signature = $2`, [
    house,
    signature,
  ]);
  return found.rows.map((row) => ({ document: shown(row), struck: row.struck }))[0];
}

/** `undefined` where there is such a card, struck or not. */
export async function fileCard(
  pool: Pool,
  { house, signature }: CardKey,
  change: { readonly entry: DocumentEntry; readonly now: Date },
): Promise<ArchiveDocument | undefined> {
  const filed = await pool.query<Row>(
    `insert into cards (house, signature, ${fields.join(', ')})
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9::timestamptz at time zone 'utc')
     on conflict do nothing returning ${columns}`,
    [house, signature, ...valuesOf(change)],
  );
  return filed.rows.map(shown)[0];
}

/** `undefined` where there is no such card with a wanted revision. */
export async function rewriteCard(
  pool: Pool,
  { house, signature }: CardKey,
  change: { readonly entry: DocumentEntry; readonly now: Date; readonly wanted: WantedRevisions },
): Promise<ArchiveDocument | undefined> {
  const rewritten = await pool.query<Row>(
    `update cards set (${fields.join(', ')}, rev) =
       row($3, $4::text[], $5::jsonb, $6::numeric, $7::card_access, $8, $9::timestamptz at time zone 'utc', rev + 1)
     where house = $1 and signature = $2 and struck_at is null and ($10::int[] is null or rev = any($10))
     returning ${columns}`,
    [house, signature, ...valuesOf(change), anyOf(change.wanted)],
  );
  return rewritten.rows.map(shown)[0];
}

/** False where there is no such card with a wanted revision. */
export async function strikeCard(
  pool: Pool,
  { house, signature }: CardKey,
  change: { readonly now: Date; readonly wanted: WantedRevisions },
): Promise<boolean> {
  const struck = await pool.query(
    `update cards set struck_at = $3::timestamptz at time zone 'utc', touched = $3::timestamptz at time zone 'utc',
       rev = rev + 1
     where house = $1 and signature = $2 and struck_at is null and ($4::int[] is null or rev = any($4))`,
    [house, signature, change.now, anyOf(change.wanted)],
  );
  return struck.rowCount === 1;
}

/** In the order of the codes' bytes; one more than asked for where there are more. */
export async function listCards(
  pool: Pool,
  house: string,
  { size, after }: DocumentPage,
): Promise<ArchiveDocument[]> {
  const listed = await pool.query<Row>(
    `select ${columns} from cards
     where house = $1 and struck_at is null and signature collate "C" > $2 order by signature collate "C" limit $3`,
    [house, after ?? '', size + 1],
  );
  return listed.rows.map(shown);
}

export async function searchCards(
  pool: Pool,
  house: string,
  search: DocumentSearch,
): Promise<ArchiveDocument[]> {
  const { keyword, text, access, attributes } = search;
  const found = await pool.query<Row>(
    `select ${columns} from cards
     where house = $1 and struck_at is null
       and ($2::text is null or keywords @> array[$2])
       and ($3::text is null or strpos(lower(heading), lower($3)) > 0)
       and ($4::jsonb is null or extra @> $4)
       and (not $5::boolean or access is not distinct from $6::card_access)
     order by signature collate "C" limit 100`,
    [house, keyword, text, json(attributes), access !== undefined, letterOf(access)],
  );
  return found.rows.map(shown);
}

/**
 * Code of the card at the end of the line of those that replaced each other; `undefined` where it is a circle or longer
 * than 100.
 */
export async function currentCard(pool: Pool, { house, signature }: CardKey): Promise<string | undefined> {
  const line = await pool.query<{ replaced_by: string | null; signature: string; hops: number }>(
    `with recursive line as (
       select signature, replaced_by, 0 as hops from cards where house = $1 and signature = $2
       union all
       select next.signature, next.replaced_by, line.hops + 1
       from line join cards next on next.house = $1 and next.signature = line.replaced_by where line.hops < 100)
     select * from line order by hops desc limit 1`,
    [house, signature],
  );
  const last = line.rows[0];
  if (last === undefined || last.replaced_by === null) return last?.signature;
  return last.hops < 100 ? last.replaced_by : undefined;
}

function shown({ struck: _struck, ...row }: Row): ArchiveDocument {
  return {
    ...row,
    access: row.access === null ? null : words[row.access],
    changedAt: row.changedAt.toISOString(),
  };
}

function valuesOf({ entry, now }: { readonly entry: DocumentEntry; readonly now: Date }): unknown[] {
  const { title, keywords, attributes, insuredValue, access, supersededBy } = entry;
  return [title, keywords, json(attributes), insuredValue, letterOf(access), supersededBy, now];
}

function letterOf(access: Access | null | undefined): string | null {
  return access === null || access === undefined ? null : letters[access];
}

function json(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

function anyOf(wanted: WantedRevisions): readonly number[] | null {
  return wanted === 'any' ? null : wanted;
}
