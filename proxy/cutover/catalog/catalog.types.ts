// What one database says of its tables, as far as a cutover has to know it.

export interface CatalogTable {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** pg_class.relkind: r table, p partitioned, f foreign, v view, m materialised view. */
  readonly kind: string;
  /** pg_class.relpersistence: p permanent, u unlogged, t temporary. */
  readonly persistence: string;
  readonly isPartition: boolean;
  /** Whether other tables inherit from it, partitions not counted. */
  readonly hasChildren: boolean;
  readonly inherits: boolean;
  readonly owner: string;
  readonly rowSecurity: boolean;
  readonly rowSecurityForced: boolean;
  /** Events with a rewrite rule: 2 update, 3 insert, 4 delete. */
  readonly rules: readonly { readonly name: string; readonly event: string }[];
  /** From the last ANALYZE; -1 where there was none. */
  readonly estimatedRows: number;
  /** With indexes and TOAST. */
  readonly bytes: number;
  readonly columns: readonly CatalogColumn[];
  readonly uniques: readonly CatalogUnique[];
  readonly checks: readonly CatalogCheck[];
  readonly triggers: readonly CatalogTrigger[];
  readonly foreignKeys: readonly CatalogForeignKey[];
}

export interface CatalogColumn {
  readonly name: string;
  /** As format_type writes it: `character varying(64)`. */
  readonly type: string;
  /** The same, for a domain the type that it is over. */
  readonly baseType: string;
  /** pg_type.typcategory of the type, or of a domain's base. */
  readonly category: string;
  /** Schema and name of the extension that brings the type. */
  readonly extension: string | undefined;
  /** Labels of an enum, or of an array's enum. */
  readonly labels: readonly string[];
  readonly notNull: boolean;
  /** SQL of the default. */
  readonly defaultSql: string | undefined;
  /** '' none, s stored, v virtual. */
  readonly generated: string;
  /** '' none, a always, d by default. */
  readonly identity: string;
  /** Sequence that identity, serial or a default of nextval draws from. */
  readonly sequence: string | undefined;
  readonly collation: string | undefined;
  readonly deterministicCollation: boolean;
}

export interface CatalogUnique {
  readonly name: string;
  /** Empty name for an expression. */
  readonly columns: readonly string[];
  readonly isPrimary: boolean;
  /** With a condition it holds for a part of the rows only. */
  readonly isPartial: boolean;
  readonly hasExpression: boolean;
  readonly isValid: boolean;
  readonly deferrable: boolean;
  readonly isExclusion: boolean;
}

export interface CatalogCheck {
  readonly name: string;
  readonly columns: readonly string[];
  /** The condition alone. */
  readonly sql: string;
}

export interface CatalogTrigger {
  readonly name: string;
  readonly function: string;
  readonly forEachRow: boolean;
  readonly before: boolean;
  /** pg_trigger.tgenabled: O origin, A always, R replica, D disabled. */
  readonly enabled: string;
}

export interface CatalogForeignKey {
  readonly name: string;
  readonly fromSchema: string;
  readonly fromTable: string;
  readonly fromColumns: readonly string[];
  readonly toSchema: string;
  readonly toTable: string;
  readonly toColumns: readonly string[];
  readonly onDelete: ForeignKeyAction;
  readonly onUpdate: ForeignKeyAction;
}

export type ForeignKeyAction = 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default';
