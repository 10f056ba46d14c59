import { escapeLiteral } from 'pg';

/** A function of PostgreSQL takes 100 arguments, so wide tables are put together from several objects. */
export function objectSql(entries: readonly (readonly [string, string])[]): string {
  const perObject = 40;
  const objects = [`'{}'::jsonb`];
  for (let start = 0; start < entries.length; start += perObject) {
    const part = entries.slice(start, start + perObject);
    objects.push(
      `jsonb_build_object(${part.map(([name, sql]) => `${escapeLiteral(name)}, ${sql}`).join(', ')})`,
    );
  }
  return objects.join(' || ');
}
