import { escapeIdentifier } from 'pg';
import type { MappedColumn } from '../plan.ts';
import { rangeCondition, type KeyRange, type Walk } from './keyset.ts';
import { tableName } from './names.ts';

/** SQL of the text that a mapped column gets, over the columns of the side that is read. */
export function mappedText({ expression, source }: MappedColumn): string {
  return `(${expression ?? escapeIdentifier(source ?? '')})::text`;
}

/** COPY of one range of the source as the other side's texts, in the order of the mapping. */
export function copyOut(walk: Walk, mapping: readonly MappedColumn[], range: KeyRange): string {
  return `copy (select ${mapping.map(mappedText).join(', ')} from ${tableName(walk.table)}
    where ${rangeCondition(walk, range)}) to stdout`;
}
