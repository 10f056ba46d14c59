/** The `code` of a caught value, e.g. `ENOENT` of Node or `23505` of PostgreSQL; `undefined` where it has none. */
export function codeOf(cause: unknown): string | undefined {
  return Error.isError(cause) && 'code' in cause && typeof cause.code === 'string' ? cause.code : undefined;
}
