import type { Config } from './schema.ts';

/** Alike for two routes that take the same requests: names of parameters do not count, nor what `routing` leaves out. */
export function routeShape(
  match: string,
  { caseSensitive, ignoreTrailingSlash }: Pick<Config['routing'], 'caseSensitive' | 'ignoreTrailingSlash'>,
): string {
  const named = match.replaceAll(/:\w+/g, ':');
  const ended = ignoreTrailingSlash ? named.replace(/([^ ])\/$/, '$1') : named;
  return caseSensitive ? ended : ended.toLowerCase();
}
