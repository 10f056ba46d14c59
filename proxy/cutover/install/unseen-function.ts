import { objectsOf } from './names.ts';
import { passedSetting, type WriteFunctionInput } from './write-function.ts';

type UnseenInput = Pick<WriteFunctionInput, 'groupId' | 'datasetId'>;

/**
 * Body of the statement's trigger behind UPDATE and DELETE: one that found no row had no row's trigger to judge it, and on a
 * side that lags "nothing there" is wrong. It is STABLE, so it sees what the statement saw: where this side owned a bucket
 * in that very snapshot, the answer was true then, whatever was fenced or opened since, under each isolation level.
 *
 * A transaction that has passed the row's gate holds a bucket's lock, so it needs no look. It runs with the writer's own
 * rights, since that is cheaper: an application that sets `banyan.passed` by itself deceives itself alone.
 */
export function unseenFunctionBody({ groupId }: UnseenInput): string {
  return `
begin
  if pg_catalog.current_setting('${passedSetting}', true) operator(pg_catalog.=) '${groupId}' then
    return null;
  end if;
  perform banyan.judge_unseen(${groupId}::pg_catalog.int2,
    pg_catalog.concat(tg_table_schema::pg_catalog.text, '.', tg_table_name::pg_catalog.text));
  return null;
end `;
}

/** The statement that makes or replaces it. */
export function unseenFunctionSql(input: UnseenInput): string {
  return `create or replace function ${objectsOf(input.datasetId).unseen}() returns trigger
    language plpgsql stable as $banyan$${unseenFunctionBody(input)}$banyan$`;
}
