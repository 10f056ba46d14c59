import { messageOf } from '#shared/errors/message.ts';
import { printable } from '#shared/errors/printable.ts';

/** One thing that is wrong in flag data: where, what stands there, and what is right. Each field is printable. */
export interface FlagProblem {
  /** `flags.catalogue-reads.fallthrough.rollout.contextKind`; empty for the file as a whole. */
  readonly path: string;
  /** As JSON, cut at 80 characters; `undefined` where nothing stands. */
  readonly value: string | undefined;
  /** What is wrong and the remedy, in one sentence. */
  readonly message: string;
}

/** A flag file that cannot be used; `message` lists every problem and is ready to print. */
export interface FlagFileError extends Error {
  readonly name: 'FlagFileError';
  readonly problems: readonly FlagProblem[];
  /** Of the operating system, e.g. `ENOENT`, where the file could not even be read. */
  readonly code?: string;
}

const longestValue = 80;

export type Path = readonly (string | number)[];

export function flagProblem(path: Path, value: unknown, message: string): FlagProblem {
  const json = value === undefined ? undefined : JSON.stringify(value);
  const shown = json !== undefined && json.length > longestValue ? `${json.slice(0, longestValue)}…` : json;
  return {
    path: printable(pathText(path)),
    value: shown === undefined ? undefined : printable(shown),
    message: printable(message),
  };
}

/** `['rules', 0, 'variation']` → `rules[0].variation` */
function pathText(path: Path): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? part : `${text}.${part}`;
  }, '');
}

export function flagFileError(file: string, problems: readonly FlagProblem[]): FlagFileError {
  const error = new Error(`${file} cannot be used: ${problemList(problems)}`);
  return Object.assign(error, { name: 'FlagFileError' as const, problems });
}

export function isFlagFileError(error: unknown): error is FlagFileError {
  return Error.isError(error) && error.name === 'FlagFileError' && 'problems' in error;
}

/** An edit that was refused for what it asks: no such flag, a flag of another kind, no such share. */
export interface FlagEditError extends Error {
  readonly name: 'FlagEditError';
}

export function flagEditError(file: string, cause: unknown): FlagEditError {
  const error = new Error(`${printable(messageOf(cause))} (in ${file})`, { cause });
  return Object.assign(error, { name: 'FlagEditError' as const });
}

/** `path: message`, in one line. */
export function problemLine({ path, message }: Pick<FlagProblem, 'path' | 'message'>): string {
  return path === '' ? message : `${path}: ${message}`;
}

/** `2 problems`, then a line for each. */
function problemList(problems: readonly FlagProblem[]): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const rows = problems.map(({ path, value, message }) => {
    const place = [path, value === undefined ? '' : `= ${value}`].filter((part) => part !== '').join(' ');
    return `  ${problemLine({ path: place, message })}`;
  });
  return [count, ...rows].join('\n');
}
