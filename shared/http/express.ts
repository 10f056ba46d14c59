import express, { type ErrorRequestHandler, type RequestHandler } from 'express';
import type { output, ZodType } from 'zod';
import { isProblem, problem, problemBody, type Problem } from '#shared/errors/problem.ts';
import type { Logger } from '#shared/telemetry/log.ts';

const bodyLimitBytes = 256 * 1024;

/** JSON bodies up to 256 KiB; another content type is 415 where there is a body. */
export function jsonBody(): RequestHandler[] {
  return [
    (request, _response, next) => {
      const hasBody =
        request.headers['transfer-encoding'] !== undefined ||
        Number(request.headers['content-length'] ?? 0) > 0;
      if (hasBody && request.is('application/json') === false) {
        next(problem(415, 'unsupported-media-type', 'Send the body as application/json.'));
      } else next();
    },
    express.json({ limit: bodyLimitBytes, type: 'application/json' }),
  ];
}

/**
 * Checks a part of the request against its schema.
 * @param place prefix of the paths in the error: `body`, `query`, `path`
 * @throws Problem 422 `validation-failed` that lists every refused field
 */
export function parse<S extends ZodType>(
  schema: S,
  value: unknown,
  place: 'body' | 'query' | 'path',
): output<S> {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  const fields = result.error.issues.map((issue) => ({
    path: [place, ...issue.path.map(String)].join('.'),
    message: issue.message,
  }));
  throw problem(422, 'validation-failed', 'Some fields are missing or wrong; see "errors".', { fields });
}

/** Last but one: whatever no route took. */
export const notFound: RequestHandler = (_request, _response, next) => {
  next(problem(404, 'not-found', 'There is nothing at this address.'));
};

/** Last: every error leaves as `application/problem+json`; what we did not expect is logged and told as 500 alone. */
export function problemHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const told = asProblem(error);
    if (told.status >= 500)
      log.error({ err: error, method: request.method, path: request.path }, 'request failed');
    response
      .status(told.status)
      .set(told.headers)
      .type('application/problem+json')
      .send(JSON.stringify(problemBody(told)));
  };
}

function asProblem(error: unknown): Problem {
  if (isProblem(error)) return error;
  // Errors of express.json (http-errors) carry their kind in `type`.
  const type = Error.isError(error) && 'type' in error ? error.type : undefined;
  if (type === 'entity.parse.failed') return problem(400, 'malformed-json', 'The body is not valid JSON.');
  if (type === 'entity.too.large')
    return problem(413, 'body-too-large', `The body is over ${bodyLimitBytes / 1024} KiB.`);
  if (type === 'request.aborted') return problem(400, 'request-aborted', 'The body ended before its length.');
  if (error instanceof URIError || isClientFault(error)) {
    return problem(400, 'malformed-request', 'The address or an encoding of the request is malformed.');
  }
  return problem(500, 'internal', 'The server failed; try again later.');
}

/**
 * What else http-errors lay at the client's door: an encoding that nobody knows, and, without any `type`, a body that is
 * not what its Content-Encoding says.
 */
function isClientFault(error: unknown): boolean {
  const status = Error.isError(error) && 'status' in error ? error.status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500;
}
