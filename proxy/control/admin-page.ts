import { problem, problemBody, type Problem } from '#shared/errors/problem.ts';
import type { AdminOptions } from './admin.ts';

/** One address of the admin port. */
export interface Page {
  /** Without the token. */
  readonly open: boolean;
  readonly answer: (options: AdminOptions, asked: Asked) => Answer | Promise<Answer>;
}

export interface Asked {
  readonly path: string;
  readonly query: URLSearchParams;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: Body;
}

/** JSON (by default `application/json`), or a text of another type, whole or in parts. */
export type Body =
  | { readonly json: unknown; readonly type?: string }
  | { readonly type: string; readonly text: string | AsyncIterable<string> };

export function jsonAnswer(status: number, json: unknown): Answer {
  return { status, body: { json } };
}

export function problemAnswer(told: Problem): Answer {
  return {
    status: told.status,
    headers: told.headers,
    body: { json: problemBody(told), type: 'application/problem+json' },
  };
}

export function notFound(detail: string): Answer {
  return problemAnswer(problem(404, 'not-found', detail));
}
