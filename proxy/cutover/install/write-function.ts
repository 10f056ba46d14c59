import { escapeIdentifier, escapeLiteral } from 'pg';
import type { Side } from '#flags/stages.ts';
import { bucketSql, sharedBucketLock } from '../bucket.ts';
import type { DatasetPlan } from '../plan.types.ts';
import { capturedColumns } from './captured-columns.ts';
import { objectsOf } from './names.ts';
import type { TableColumn } from './table-columns.ts';
import { textSettings } from './text-settings.ts';

export interface WriteFunctionInput {
  readonly dataset: DatasetPlan;
  readonly side: Side;
  readonly datasetId: number;
  readonly groupId: number;
  /** Name of the applier's role. */
  readonly applier: string;
  readonly columns: readonly TableColumn[];
}

type Row = 'new' | 'old';

/** PostgreSQL's own types whose "=" says that the texts are equal: int8, int2, int4, oid, uuid, timestamp, timestamptz, date. */
const comparedAsTheyAre: readonly number[] = [20, 21, 23, 26, 2950, 1114, 1184, 1082];

/**
 * Body of the trigger function that is gate and capture in one. It runs with the definer's rights under the writer's
 * search path, since a fixed one costs more than all the rest of it (ADR 8): so every name and operator is qualified, and
 * nothing is used that looks an operator up by itself (IN, CASE x WHEN, IS DISTINCT FROM).
 */
export function writeFunctionBody(input: WriteFunctionInput): string {
  const { dataset, side, groupId, datasetId, applier } = input;
  const { key, partitionKey, filter } = dataset.tables[side];
  const equal = (names: readonly string[]) => sameSql(input, names);
  const place = (row: Row) => `place := ${bucketSql(dataset, side, row)};`;
  const image = (row: Row) => `image := ${imageSql(dataset, side, row)};`;
  const kept = filter === undefined ? [] : filterSql(input);
  const isDelete = filter === undefined ? is('DELETE') : 'not after_kept';
  const settings = settingsSql(input);
  const movable = key.filter((column) => !partitionKey.includes(column));
  return `
declare
  place pg_catalog.int4;
  number pg_catalog.int8;
  part pg_catalog.int4;
  change pg_catalog."char" := 'P';
  image pg_catalog.text;
  old_image pg_catalog.text;
  nothing pg_catalog.text;${settings.declared}
  before_kept pg_catalog.bool := ${filter === undefined ? 'true' : 'false'};
  after_kept pg_catalog.bool := ${filter === undefined ? 'true' : 'false'};
begin
  if session_user operator(pg_catalog.=) ${escapeLiteral(applier)} then
    return null;
  end if;
  ${kept.join('\n  ')}
  if ${is('UPDATE')} and not (${equal(partitionKey)}) then
    perform banyan.refuse_new_place(tg_table_schema::pg_catalog.text, tg_table_name::pg_catalog.text);
  end if;
  ${settings.set}
  if ${isDelete} then
    change := 'D';
    ${place('old')}
    ${image('old')}
  else
    ${place('new')}
    ${image('new')}
    ${movable.length === 0 ? '' : `if ${is('UPDATE')} and before_kept and not (${equal(movable)}) then old_${image('old')} end if;`}
  end if;
  ${settings.restored}
  nothing := ${sharedBucketLock(groupId, 'place')};
  if pg_catalog.current_setting('transaction_isolation') operator(pg_catalog.<>) 'read committed' then
    -- The snapshot may be older than a fence: then this fails with 40001 instead of reading the state of the past.
    perform from banyan.buckets b
    where b.group_id operator(pg_catalog.=) ${groupId}::pg_catalog.int2 and b.bucket operator(pg_catalog.=) place::pg_catalog.int2
    for share;
  end if;
  ${movable.length === 0 ? '' : `if old_image is not null then perform banyan.add_old_key(${groupId}::pg_catalog.int2, ${datasetId}::pg_catalog.int2, place, old_image); end if;`}
  number := pg_catalog.nextval('banyan.seq'::pg_catalog.regclass);
  part := (number operator(pg_catalog.>>) 17) operator(pg_catalog.&) 3;
  ${[0, 1, 2]
    .map(
      (part) =>
        `${part === 0 ? 'if' : 'elsif'} part operator(pg_catalog.=) ${part} then ${insertSql(input, part)}`,
    )
    .join('\n  ')}
  else ${insertSql(input, 3)}
  end if;
  if not found then
    perform banyan.refuse(${groupId}::pg_catalog.int2, place,
      pg_catalog.concat(tg_table_schema::pg_catalog.text, '.', tg_table_name::pg_catalog.text));
  end if;
  return null;
end `;
}

/** The statement that makes or replaces it. */
export function writeFunctionSql(input: WriteFunctionInput): string {
  // The filter is the configuration's own SQL, whose operators are looked up by the search path: there it is fixed.
  const path =
    input.dataset.tables[input.side].filter === undefined ? '' : 'set search_path = pg_catalog, pg_temp';
  return `create or replace function ${objectsOf(input.datasetId).write}() returns trigger
    language plpgsql security definer ${path} as $banyan$${writeFunctionBody(input)}$banyan$`;
}

/** SQL for the text of a row's image; `(text::banyan.image_<id>).*` reads it back. */
export function imageSql(dataset: DatasetPlan, side: Side, row: string): string {
  const fields = capturedColumns(dataset, side).map((column) => `${row}.${escapeIdentifier(column)}`);
  return `row(${fields.join(', ')})::pg_catalog.text`;
}

function is(operation: string): string {
  return `tg_op operator(pg_catalog.=) '${operation}'`;
}

function insertSql({ groupId, datasetId }: WriteFunctionInput, part: number): string {
  return `
    insert into banyan.outbox_${part} (seq, xid, group_id, dataset_id, bucket, epoch, op, image)
    select number, pg_catalog.pg_current_xact_id(), b.group_id, ${datasetId}, b.bucket, b.epoch, change, image
    from banyan.buckets b
    where b.group_id operator(pg_catalog.=) ${groupId}::pg_catalog.int2 and b.bucket operator(pg_catalog.=) place::pg_catalog.int2
      and b.state operator(pg_catalog.=) 'owner' and b.capturing;`;
}

function sameSql({ columns }: WriteFunctionInput, names: readonly string[]): string {
  return names
    .map((name) => {
      const typeId = columns.find((column) => column.name === name)?.typeId ?? 0;
      const quoted = escapeIdentifier(name);
      return comparedAsTheyAre.includes(typeId)
        ? `old.${quoted} operator(pg_catalog.=) new.${quoted}`
        : `old.${quoted}::pg_catalog.text operator(pg_catalog.=) new.${quoted}::pg_catalog.text collate pg_catalog."C"`;
    })
    .join(' and ');
}

/** A row that the filter leaves out was and is nothing; one that leaves it is deleted. */
function filterSql({ dataset, side, columns }: WriteFunctionInput): string[] {
  const { filter = '' } = dataset.tables[side];
  const captured = capturedColumns(dataset, side);
  const used = columns
    .map(({ name }) => name)
    .filter((name) => captured.includes(name) || filter.includes(name));
  const kept = (row: Row) =>
    `coalesce((select (${filter}) from (select ${used.map((name) => `${row}.${escapeIdentifier(name)}`).join(', ')}) r (${used.map((name) => escapeIdentifier(name)).join(', ')})), false)`;
  return [
    `if not (${is('INSERT')}) then before_kept := ${kept('old')}; end if;`,
    `if not (${is('DELETE')}) then after_kept := ${kept('new')}; end if;`,
    `if not before_kept and not after_kept then return null; end if;`,
  ];
}

interface SettingsSql {
  readonly declared: string;
  readonly set: string;
  readonly restored: string;
}

/** Texts are written as the engine reads them, whatever the app's session has set; most sessions have set nothing. */
function settingsSql({ dataset, side, columns }: WriteFunctionInput): SettingsSql {
  const typesOf = (names: readonly string[]) =>
    columns.filter(({ name }) => names.includes(name)).map(({ typeId }) => typeId);
  const needed = textSettings(
    typesOf(capturedColumns(dataset, side)),
    dataset.buckets === 1 ? [] : typesOf(dataset.tables[side].partitionKey),
  );
  if (needed.length === 0) return { declared: '', set: '', restored: '' };
  const assign = (index: number, name: string, value: string) =>
    `nothing := pg_catalog.set_config('${name}', ${value}, true); -- ${index}`;
  return {
    declared: `
  odd pg_catalog.bool := false;
  ${needed.map((_, index) => `kept_${index} pg_catalog.text;`).join(' ')}`,
    set: `if ${needed.map(({ differs }) => differs).join(' or ')} then
    odd := true;
    ${needed.map(({ name, value }, index) => `kept_${index} := pg_catalog.current_setting('${name}');\n    ${assign(index, name, `'${value}'`)}`).join('\n    ')}
  end if;`,
    restored: `if odd then
    ${needed.map(({ name }, index) => assign(index, name, `kept_${index}`)).join('\n    ')}
  end if;`,
  };
}
