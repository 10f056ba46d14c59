import { escapeIdentifier } from 'pg';

export function qualified({ schema, table }: { readonly schema: string; readonly table: string }): string {
  return `${escapeIdentifier(schema)}.${escapeIdentifier(table)}`;
}

export function columnList(columns: readonly string[], alias?: string): string {
  const prefix = alias === undefined ? '' : `${alias}.`;
  return columns.map((column) => `${prefix}${escapeIdentifier(column)}`).join(', ');
}
