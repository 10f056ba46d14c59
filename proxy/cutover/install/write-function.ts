import { escapeIdentifier, escapeLiteral } from 'pg';
import type { Side } from '#flags/stages.ts';
import { bucketSql, sharedBucketLock } from '../bucket.ts';
import type { DatasetPlan } from '../plan.types.ts';
import { capturedColumns } from './captured-columns.ts';
import { deletedImageSql, imageSql } from './image-sql.ts';
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
  /** The image is the text of the whole row. */
  readonly whole: boolean;
}

/** Names the group whose gate this transaction has passed; the lock of a bucket is held as long. */
export const passedSetting = 'banyan.passed';

type Row = 'new' | 'old';

/** PostgreSQL's own types whose "=" says that the texts are equal: int8, int2, int4, oid, uuid, timestamp, timestamptz, date. */
const comparedAsTheyAre: readonly number[] = [20, 21, 23, 26, 2950, 1114, 1184, 1082];

/**
 * Body of the trigger function that is gate and capture in one. It runs with the definer's rights under the writer's
 * search path, since a fixed one costs more than all the rest of it (ADR 8): so every name and operator is qualified, and
 * nothing is used that looks an operator up by itself (IN, CASE x WHEN, IS DISTINCT FROM).
 *
 * Each expression is made ready anew in each transaction, so the usual write evaluates as few as can be: one asks for all
 * that is rare at once and, where the group has one bucket, takes its lock at its end (void is not null).
 */
export function writeFunctionBody(input: WriteFunctionInput): string {
  const { dataset, side, groupId } = input;
  const { key, partitionKey, filter } = dataset.tables[side];
  const isOne = dataset.buckets === 1;
  const settings = settingsSql(input);
  const keyChanges = `${is('UPDATE')} and not (${sameSql(input, [...new Set([...partitionKey, ...key])])})`;
  const locked = `${sharedBucketLock(groupId, isOne ? 0 : 'place')} is null
    or tg_op operator(pg_catalog.<>) 'INSERT' and pg_catalog.set_config('${passedSetting}', '${groupId}', true) is null`;
  const rare = [
    isApplier(input),
    ...settings.differ,
    `pg_catalog.current_setting('transaction_isolation') operator(pg_catalog.<>) 'read committed'`,
    keyChanges,
    ...(isOne ? [locked] : []),
  ];
  const usual = (row: Row) => `${
    isOne
      ? ''
      : `${placeSql(input, row)}
    if ${locked} then null; end if;`
  }
    image := ${row === 'old' ? deletedImageSql(input) : imageSql(input, row)};`;
  return `
declare${
    isOne
      ? ''
      : `
  place pg_catalog.int4;`
  }
  number pg_catalog.int8;
  change pg_catalog."char";
  image pg_catalog.text;
  old_image pg_catalog.text;${settings.declared}${
    filter === undefined
      ? ''
      : `
  before_kept pg_catalog.bool := false;
  after_kept pg_catalog.bool := false;`
  }
begin
  ${filter === undefined ? '' : filterSql(input).join('\n  ')}
  if ${rare.join('\n    or ')} then
    ${rareSql(input, settings, locked)}
  elsif ${isDelete(input)} then
    change := 'D';
    ${usual('old')}
  else
    ${usual('new')}
  end if;
  number := pg_catalog.nextval('banyan.seq'::pg_catalog.regclass);
  if number operator(pg_catalog.&) 262144 operator(pg_catalog.=) 0 then
    if number operator(pg_catalog.&) 131072 operator(pg_catalog.=) 0 then ${insertSql(input, 0)}
    else ${insertSql(input, 1)}
    end if;
  elsif number operator(pg_catalog.&) 131072 operator(pg_catalog.=) 0 then ${insertSql(input, 2)}
  else ${insertSql(input, 3)}
  end if;
  if not found then
    perform banyan.refuse(${groupId}::pg_catalog.int2, ${placeOf(input)},
      pg_catalog.concat(tg_table_schema::pg_catalog.text, '.', tg_table_name::pg_catalog.text));
  end if;
  return null;
end `;
}

/** The writer is the applier, or its settings, its isolation or a changed key ask for more. */
function rareSql(input: WriteFunctionInput, settings: SettingsSql, locked: string): string {
  const { dataset, side, groupId, datasetId } = input;
  const { key, partitionKey, filter } = dataset.tables[side];
  const movable = key.filter((column) => !partitionKey.includes(column));
  const image = (row: Row) => `image := ${imageSql(input, row)};`;
  const beforeKept = filter === undefined ? '' : 'before_kept and ';
  return `if ${isApplier(input)} then
      return null;
    end if;
    if ${is('UPDATE')} and not (${sameSql(input, partitionKey)}) then
      perform banyan.refuse_new_place(tg_table_schema::pg_catalog.text, tg_table_name::pg_catalog.text);
    end if;
    ${settings.set}
    if ${isDelete(input)} then
      change := 'D';
      ${placeSql(input, 'old')}
      ${image('old')}
    else
      ${placeSql(input, 'new')}
      ${image('new')}
      ${movable.length === 0 ? '' : `if ${is('UPDATE')} and ${beforeKept}not (${sameSql(input, movable)}) then old_${image('old')} end if;`}
    end if;
    ${settings.restored}
    if ${locked} then null; end if;
    if pg_catalog.current_setting('transaction_isolation') operator(pg_catalog.<>) 'read committed' then
      -- The snapshot may be older than a fence: then this fails with 40001 instead of reading the state of the past.
      perform from banyan.buckets b
      where b.group_id operator(pg_catalog.=) ${groupId}::pg_catalog.int2 and b.bucket operator(pg_catalog.=) ${placeOf(input)}::pg_catalog.int2
      for share;
    end if;
    ${movable.length === 0 ? '' : `if old_image is not null then perform banyan.add_old_key(${groupId}::pg_catalog.int2, ${datasetId}::pg_catalog.int2, ${placeOf(input)}, old_image); end if;`}`;
}

function placeOf({ dataset }: WriteFunctionInput): string {
  return dataset.buckets === 1 ? '0' : 'place';
}

function placeSql({ dataset, side }: WriteFunctionInput, row: Row): string {
  return dataset.buckets === 1 ? '' : `place := ${bucketSql(dataset, side, row)};`;
}

function isApplier({ applier }: WriteFunctionInput): string {
  return `session_user operator(pg_catalog.=) ${escapeLiteral(applier)}`;
}

function isDelete({ dataset, side }: WriteFunctionInput): string {
  return dataset.tables[side].filter === undefined ? is('DELETE') : 'not after_kept';
}

/** The statement that makes or replaces it. */
export function writeFunctionSql(input: WriteFunctionInput): string {
  // The filter is the configuration's own SQL, whose operators are looked up by the search path: there it is fixed.
  const path =
    input.dataset.tables[input.side].filter === undefined ? '' : 'set search_path = pg_catalog, pg_temp';
  return `create or replace function ${objectsOf(input.datasetId).write}() returns trigger
    language plpgsql security definer ${path} as $banyan$${writeFunctionBody(input)}$banyan$`;
}

function is(operation: string): string {
  return `tg_op operator(pg_catalog.=) '${operation}'`;
}

function insertSql(input: WriteFunctionInput, part: number): string {
  const { groupId, datasetId } = input;
  return `
    insert into banyan.outbox_${part} (seq, xid, group_id, dataset_id, bucket, epoch, op, image)
    select number, pg_catalog.pg_current_xact_id(), b.group_id, ${datasetId}, b.bucket, b.epoch, coalesce(change, 'P'), image
    from banyan.buckets b
    where b.group_id operator(pg_catalog.=) ${groupId}::pg_catalog.int2 and b.bucket operator(pg_catalog.=) ${placeOf(input)}::pg_catalog.int2
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
function filterSql(input: WriteFunctionInput): string[] {
  const { dataset, side, columns } = input;
  const { filter = '' } = dataset.tables[side];
  const captured = capturedColumns(dataset, side);
  const used = columns
    .map(({ name }) => name)
    .filter((name) => captured.includes(name) || filter.includes(name));
  const kept = (row: Row) =>
    `coalesce((select (${filter}) from (select ${used.map((name) => `${row}.${escapeIdentifier(name)}`).join(', ')}) r (${used.map((name) => escapeIdentifier(name)).join(', ')})), false)`;
  return [
    `if ${isApplier(input)} then return null; end if;`,
    `if not (${is('INSERT')}) then before_kept := ${kept('old')}; end if;`,
    `if not (${is('DELETE')}) then after_kept := ${kept('new')}; end if;`,
    `if not before_kept and not after_kept then return null; end if;`,
  ];
}

interface SettingsSql {
  readonly declared: string;
  /** Conditions, each of which holds where a setting is not as the engine reads it. */
  readonly differ: readonly string[];
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
  if (needed.length === 0) return { declared: '', differ: [], set: '', restored: '' };
  const differ = needed.map((one) => one.differs);
  return {
    declared: `
  odd pg_catalog.bool;
  nothing pg_catalog.text;
  ${needed.map((_, index) => `kept_${index} pg_catalog.text;`).join(' ')}`,
    differ,
    set: `odd := ${differ.join(' or ')};
    if odd then
      ${needed.map(({ name, value }, index) => `kept_${index} := pg_catalog.current_setting('${name}');\n      nothing := pg_catalog.set_config('${name}', '${value}', true);`).join('\n      ')}
    end if;`,
    restored: `if odd then
      ${needed.map(({ name }, index) => `nothing := pg_catalog.set_config('${name}', kept_${index}, true);`).join('\n      ')}
    end if;`,
  };
}
