import type { Client } from 'pg';
import type {
  CatalogCheck,
  CatalogColumn,
  CatalogForeignKey,
  CatalogTable,
  CatalogTrigger,
  CatalogUnique,
} from './catalog.types.ts';
import { checksSql, columnsSql, foreignKeysSql, tablesSql, triggersSql, uniquesSql } from './tables-sql.ts';

export interface Catalog {
  readonly tables: readonly CatalogTable[];
  find(table: { readonly schema: string; readonly table: string }): CatalogTable | undefined;
}

type OfTable<Fact> = Fact & { readonly table: number };
type TableFact = Omit<CatalogTable, 'columns' | 'uniques' | 'checks' | 'triggers' | 'foreignKeys'>;

/** Every table that the applications of this database have, with all that hangs on it; Banyan's own are left out. */
export async function readCatalog(client: Client): Promise<Catalog> {
  const columns = byTable(await facts<OfTable<CatalogColumn>>(client, columnsSql));
  const uniques = byTable(await facts<OfTable<CatalogUnique>>(client, uniquesSql));
  const checks = byTable(await facts<OfTable<CatalogCheck>>(client, checksSql));
  const triggers = byTable(await facts<OfTable<CatalogTrigger>>(client, triggersSql));
  const foreignKeys = byTable(await facts<OfTable<CatalogForeignKey>>(client, foreignKeysSql));
  const tables = (await facts<TableFact>(client, tablesSql)).map((table) => ({
    ...table,
    columns: columns.get(table.oid) ?? [],
    uniques: uniques.get(table.oid) ?? [],
    checks: checks.get(table.oid) ?? [],
    triggers: triggers.get(table.oid) ?? [],
    foreignKeys: foreignKeys.get(table.oid) ?? [],
  }));
  return {
    tables,
    find: ({ schema, table }) => tables.find((known) => known.schema === schema && known.name === table),
  };
}

async function facts<Fact>(client: Client, sql: string): Promise<Fact[]> {
  const { rows } = await client.query<{ fact: string }>(sql);
  return rows.map(({ fact }) => withoutNulls(JSON.parse(fact)) as Fact);
}

function withoutNulls(fact: object): object {
  return Object.fromEntries(Object.entries(fact).filter(([, value]) => value !== null));
}

function byTable<Fact extends { readonly table: number }>(all: readonly Fact[]): Map<number, Fact[]> {
  return Map.groupBy(all, ({ table }) => table);
}
