import type { output, ZodType } from 'zod';
import type { Response } from './client.ts';
import { problem } from './shapes.ts';

/** What a user makes of an answer. */
export type Verdict =
  | { readonly kind: 'ok' }
  /** A refusal that the step had to expect, such as a declined card. `leave`: the visit ends with it. */
  | { readonly kind: 'refused'; readonly code: string; readonly leave: boolean }
  | { readonly kind: 'failed'; readonly why: string };

export const ok: Verdict = { kind: 'ok' };

export function failed(why: string): Verdict {
  return { kind: 'failed', why };
}

/** The answer must have this status and shape; then `look` says what is wrong with it, if anything. */
export function expectAnswer<S extends ZodType>(
  response: Response,
  expected: { readonly status: number; readonly shape: S },
  look: (body: output<S>) => string | undefined | void = () => undefined,
): Verdict {
  if (response.status !== expected.status) return failed(unexpected(response, expected.status));
  const body = expected.shape.safeParse(response.body);
  if (!body.success) {
    const [issue] = body.error.issues;
    return failed(`the answer's ${issue?.path.join('.') || 'body'} is wrong: ${issue?.message}`);
  }
  const why = look(body.data);
  return typeof why === 'string' ? failed(why) : ok;
}

/** The answer must have this status and no body. */
export function expectEmpty(response: Response, status = 204): Verdict {
  return response.status === status ? ok : failed(unexpected(response, status));
}

/** The answer must be this problem, and being refused is right. */
export function expectRefusal(
  response: Response,
  expected: { readonly status: number; readonly code: string; readonly leave?: boolean },
): Verdict {
  const { status, code, leave = false } = expected;
  if (response.status !== status || codeOf(response) !== code)
    return failed(unexpected(response, `${status} ${code}`));
  return { kind: 'refused', code, leave };
}

export function isRefusal(response: Response, status: number, code: string): boolean {
  return response.status === status && codeOf(response) === code;
}

function codeOf(response: Response): string | undefined {
  return problem.safeParse(response.body).data?.code;
}

function unexpected(response: Response, expected: number | string): string {
  const told = problem.safeParse(response.body).data;
  const fields = told?.errors.map(({ path, message }) => `${path} ${message}`).join(', ') ?? '';
  const detail = [told?.code ?? '', fields === '' ? '' : `(${fields})`].filter((text) => text !== '');
  return `answered ${[response.status, ...detail].join(' ')} instead of ${expected}`;
}
