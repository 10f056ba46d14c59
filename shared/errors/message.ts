/** What a caught value says, whatever was thrown. Inside jest Node's own errors are not `instanceof Error`. */
export function messageOf(cause: unknown): string {
  return Error.isError(cause) ? cause.message : String(cause);
}
