/** What a caught value says, whatever was thrown. Inside jest Node's own errors are not `instanceof Error`. */
export function messageOf(cause: unknown): string {
  if (!Error.isError(cause)) return String(cause);
  if (cause.message !== '') return cause.message;
  // A host with several addresses fails with an AggregateError that says nothing itself.
  const parts = 'errors' in cause && Array.isArray(cause.errors) ? cause.errors.map(messageOf) : [];
  return parts.length > 0 ? [...new Set(parts)].join('; ') : cause.name;
}
