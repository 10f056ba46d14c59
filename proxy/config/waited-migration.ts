/** `migration` itself, or `group.dataset` of a migration's data. */
export const waitedName = /^[a-z][a-z0-9-]{0,62}(?:\.[a-z][a-z0-9-]{0,62})?$/;

/** What is known of migrations: more may be there, or be malformed. */
export interface MigrationsWithData {
  readonly [migration: string]: { readonly data?: unknown };
}

/**
 * The migration whose copy a route waits for. How far copies are is known of a migration as a whole, so a dataset stands for
 * its migration; it says what the route reads.
 * @returns `undefined` where there is no such migration or dataset
 */
export function waitedMigration(name: string, migrations: MigrationsWithData): string | undefined {
  const [group = '', dataset] = name.split('.');
  if (dataset === undefined) return Object.hasOwn(migrations, name) ? name : undefined;
  return Object.keys(migrations).find((migration) => {
    const groups = own(migrations[migration]?.data, 'groups');
    return own(own(own(groups, group), 'datasets'), dataset) !== undefined;
  });
}

/** Names come from a configuration, of any shape. */
function own(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (Reflect.get(value, name) as unknown)
    : undefined;
}
