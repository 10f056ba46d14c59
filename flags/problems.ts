/** One thing that is wrong in flag data: where, what stands there, and what is right. */
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
}

const longestValue = 80;

export type Path = readonly (string | number)[];

export function flagProblem(path: Path, value: unknown, message: string): FlagProblem {
  const json = value === undefined ? undefined : JSON.stringify(value);
  const shown = json !== undefined && json.length > longestValue ? `${json.slice(0, longestValue)}…` : json;
  return { path: pathText(path), value: shown, message };
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

/** `2 problems`, then a line for each. */
export function problemList(problems: readonly FlagProblem[]): string {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const rows = problems.map(({ path, value, message }) => {
    const place = [path, value === undefined ? '' : `= ${value}`].filter((part) => part !== '').join(' ');
    return place === '' ? `  ${message}` : `  ${place}: ${message}`;
  });
  return [count, ...rows].join('\n');
}
