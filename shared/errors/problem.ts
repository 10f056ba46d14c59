/**
 * Errors that a caller of an HTTP API sees, in the form of RFC 9457 (`application/problem+json`).
 * `code` is the stable word that programs compare; `detail` is for people and may change.
 */
export interface Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  /** One entry for each field that was refused, in the order of the input. */
  readonly fields: readonly FieldError[];
}

export interface FieldError {
  /** Where in the request: `body.email`, `query.limit`, `path.id`. */
  readonly path: string;
  readonly message: string;
}

export interface ProblemOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly fields?: readonly FieldError[];
  readonly cause?: unknown;
}

/**
 * @param status HTTP status, 400-599
 * @param code kebab-case word, e.g. `email-taken`
 * @param detail one sentence that says what to do where something can be done
 */
export function problem(status: number, code: string, detail: string, options: ProblemOptions = {}): Problem {
  const error = new Error(detail, options.cause === undefined ? undefined : { cause: options.cause });
  return Object.assign(error, {
    name: 'Problem',
    status,
    code,
    headers: options.headers ?? {},
    fields: options.fields ?? [],
  });
}

export function isProblem(value: unknown): value is Problem {
  return Error.isError(value) && value.name === 'Problem' && 'status' in value && 'code' in value;
}

/** The body that goes on the wire. Causes and stacks stay inside. */
export function problemBody(error: Problem): Record<string, unknown> {
  return {
    type: 'about:blank',
    title: error.code,
    status: error.status,
    code: error.code,
    detail: error.message,
    ...(error.fields.length > 0 ? { errors: error.fields } : {}),
  };
}
