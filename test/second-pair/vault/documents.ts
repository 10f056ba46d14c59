import type { Pool, QueryResultRow } from 'pg';
import type { ArchiveDocument, DocumentEntry, DocumentPage, DocumentSearch } from '../contract/documents.ts';
import type { WantedRevisions } from '../contract/revision.ts';

export interface DocumentChange {
  readonly entry: DocumentEntry;
  readonly now: Date;
}

export interface DocumentStore {
  find(code: string): Promise<ArchiveDocument | 'removed' | 'unknown'>;
  list(page: DocumentPage): Promise<ArchiveDocument[]>;
  search(search: DocumentSearch): Promise<ArchiveDocument[]>;
  /** `undefined` where there is, or was, such a document. */
  add(code: string, change: DocumentChange): Promise<ArchiveDocument | undefined>;
  /** `undefined` where there is none with a wanted revision. */
  replace(code: string, change: DocumentChange & Wanted): Promise<ArchiveDocument | undefined>;
  /** False where there is none with a wanted revision. */
  remove(code: string, change: Wanted & { readonly now: Date }): Promise<boolean>;
  /** Code at the end of the succession; `undefined` where it is a circle, or longer than 100. */
  successor(code: string): Promise<string | undefined>;
}

interface Wanted {
  readonly wanted: WantedRevisions;
}

interface Row extends Omit<ArchiveDocument, 'revision'> {
  /** bigint */
  readonly revision: string;
}

const shownColumns = `tenant as archive, code, title, keywords, attributes, trim_scale(insured_value)::text as "insuredValue",
  access, superseded_by as "supersededBy", revision,
  to_char(changed_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "changedAt"`;

/** The documents of one tenant. */
export function documentsOf(pool: Pool, tenant: string): DocumentStore {
  const rows = async <R extends QueryResultRow>(sql: string, values: readonly unknown[]): Promise<R[]> =>
    (await pool.query<R>(sql, [tenant, ...values])).rows;
  const documents = async (sql: string, values: readonly unknown[]): Promise<ArchiveDocument[]> =>
    (await rows<Row>(sql, values)).map((row) => ({ ...row, revision: Number(row.revision) }));

  return {
    async find(code) {
      const [found] = await documents(
        `select ${shownColumns} from documents where tenant = $1 and code = $2 and removed_at is null`,
        [code],
      );
      if (found !== undefined) return found;
      const gone = await rows('select from documents where tenant = $1 and code = $2', [code]);
      return gone.length > 0 ? 'removed' : 'unknown';
    },
    list: ({ size, after }) =>
      documents(
        `select ${shownColumns} from documents where tenant = $1 and removed_at is null and code > $2
         order by code limit $3`,
        [after ?? '', size + 1],
      ),
    search: ({ keyword, text, access, attributes }) =>
      documents(
        `select ${shownColumns} from documents
         where tenant = $1 and removed_at is null
           and ($2::text is null or keywords @> array[$2])
           and ($3::text is null or strpos(lower(title), lower($3)) > 0)
           and ($4::jsonb is null or attributes @> $4)
           and (not $5::boolean or access is not distinct from $6)
         order by code limit 100`,
        [keyword, text, asJson(attributes), access !== undefined, access],
      ),
    add: async (code, { entry, now }) =>
      (
        await documents(
          `insert into documents
             (tenant, code, changed_at, title, keywords, attributes, insured_value, access, superseded_by)
           values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning ${shownColumns}`,
          [code, now, ...valuesOf(entry)],
        )
      )[0],
    replace: async (code, { entry, now, wanted }) =>
      (
        await documents(
          `update documents set changed_at = $3, title = $4, keywords = $5, attributes = $6, insured_value = $7,
             access = $8, superseded_by = $9, revision = revision + 1
           where tenant = $1 and code = $2 and removed_at is null and ($10::bigint[] is null or revision = any($10))
           returning ${shownColumns}`,
          [code, now, ...valuesOf(entry), listOf(wanted)],
        )
      )[0],
    remove: async (code, { now, wanted }) =>
      (
        await rows(
          `update documents set removed_at = $3, changed_at = $3, revision = revision + 1
           where tenant = $1 and code = $2 and removed_at is null and ($4::bigint[] is null or revision = any($4))
           returning code`,
          [code, now, listOf(wanted)],
        )
      ).length === 1,
    async successor(code) {
      const [last] = await rows<{ code: string; next: string | null; hops: number }>(
        `with recursive succession (code, next, hops) as (
           select code, superseded_by, 0 from documents where tenant = $1 and code = $2
           union all
           select later.code, later.superseded_by, hops + 1
           from succession join documents later on later.tenant = $1 and later.code = succession.next
           where hops < 100)
         select code, next, hops from succession order by hops desc limit 1`,
        [code],
      );
      if (last?.next === null) return last.code;
      return last !== undefined && last.hops < 100 ? last.next : undefined;
    },
  };
}

function valuesOf(entry: DocumentEntry): unknown[] {
  const { title, keywords, attributes, insuredValue, access, supersededBy } = entry;
  return [title, keywords, asJson(attributes), insuredValue, access, supersededBy];
}

function asJson(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

function listOf(wanted: WantedRevisions): readonly number[] | null {
  return wanted === 'any' ? null : wanted;
}
