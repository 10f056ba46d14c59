import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { isScalar, LineCounter, parseDocument, type Document, type YAMLParseError } from 'yaml';
import { codeOf } from '#shared/errors/code.ts';
import { crossChecks } from './cross-checks.ts';
import { fillIn } from './fill-in.ts';
import { plainData, prototypeNames } from './plain-data.ts';
import type { ConfigProblem } from './problem.ts';
import { configSchema, type Config } from './schema.ts';
import { expiredRules } from './shadow-rule-checks.ts';
import { soundParts } from './sound-parts.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every problem of a configuration at once, each with its place, value and remedy; `message` is ready to print. */
export interface ConfigError extends Error {
  readonly name: 'ConfigError';
  readonly problems: readonly PlacedProblem[];
}

export interface PlacedProblem {
  /** `targets.service.url` */
  readonly path: string;
  readonly line: number;
  readonly column: number;
  /** As it stands in the file, so that a secret from the environment is never shown; cut at 80 characters. */
  readonly value: string | undefined;
  readonly message: string;
}

/**
 * Reads `banyan.yaml`. Relative paths in it are taken from its folder.
 * @throws ConfigError that lists everything that is wrong
 */
export function readConfig(
  file: string,
  environment: Environment = process.env,
  checks: DatedChecks = {},
): Config {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const code = codeOf(cause) ?? 'unreadable';
    const message = unreadable[code] ?? `cannot be read (${code}): let this user read it`;
    throw configError(file, [{ path: '', line: 0, column: 0, value: undefined, message }]);
  }
  return parseConfig(text, { file, environment, ...checks });
}

/** What is wrong from a day on. Only `banyan check` asks: a proxy that is restarted at night starts all the same. */
export interface DatedChecks {
  /** Milliseconds since 1970. Default: dates are not looked at. */
  readonly now?: number;
}

const unreadable: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file; name another with --config or BANYAN_CONFIG',
  EISDIR: 'is a folder; name the file in it with --config',
};

export function parseConfig(
  text: string,
  options: { readonly file: string; readonly environment: Environment } & DatedChecks,
): Config {
  const { file, environment } = options;
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true });
  const place = placer({ document, lines, text });
  // After the first error of syntax the parser guesses, so the others would only mislead.
  const [syntax] = document.errors;
  if (syntax !== undefined) throw configError(file, [syntaxProblem(syntax, { lines, text })]);

  const problems = [...fillIn(document, environment), ...prototypeNames(document)].map(place);
  const plain = plainData(document);
  if ('problem' in plain) throw configError(file, [...problems, place(plain.problem)]);
  const parsed = configSchema.safeParse(plain.data, { reportInput: true });
  // A variable without a value has been told already; what follows from it would only be noise.
  const told = new Set(problems.map((problem) => problem.path));
  const parts = soundParts(plain.data);
  const more = [
    ...(parsed.success ? [] : parsed.error.issues.flatMap(issueProblems)),
    ...crossChecks(parts),
    ...(options.now === undefined ? [] : expiredRules(parts, options.now)),
  ];
  problems.push(...more.map(place).filter((problem) => !told.has(problem.path)));
  if (!parsed.success || problems.length > 0) throw configError(file, problems);
  return deepFreeze(withAbsolutePaths(parsed.data, dirname(resolve(file))));
}

function syntaxProblem(
  error: YAMLParseError,
  { lines, text }: { lines: LineCounter; text: string },
): PlacedProblem {
  const at = lines.linePos(error.pos[0]);
  const said = (error.message.split(/ at line \d+| in the below|:?\n/)[0] ?? '').trim();
  const line = text.split('\n')[at.line - 1] ?? '';
  const hint = /[[{].*[^'"]\$\{/.test(line) ? "; inside { } and [ ] write quotes around it: '${NAME}'" : '';
  return {
    path: '',
    line: at.line,
    column: at.col,
    value: undefined,
    message: `is not valid YAML: ${said}${hint}`,
  };
}

/** zod's issues as ours: an unknown key is placed at the key itself and names the keys there are. */
function issueProblems(issue: {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
  readonly issues?: readonly { readonly message: string }[];
  readonly input?: unknown;
}): ConfigProblem[] {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code === 'unrecognized_keys' && issue.keys !== undefined) {
    return issue.keys.map((key) => ({
      path: [...path, key],
      message: 'is not an option here; see "banyan schema" for those there are',
    }));
  }
  // The name itself, as a mapping has it; its own messages lie one level down.
  if (issue.code === 'invalid_key' && issue.issues !== undefined) {
    return issue.issues.map(({ message }) => ({ path, message: `has a name that ${message}` }));
  }
  const rule = issue.message
    .replace(/^Invalid input: expected (?:object|record).*/, 'must be a mapping of names to values')
    .replace(/^Invalid input: expected array.*/, 'must be a list')
    .replace(/^Invalid input: expected/, 'must be');
  const message = issue.input === undefined && path.length > 0 ? `is missing: it ${rule}` : rule;
  return [{ path, message }];
}

interface Placing {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly text: string;
}

function placer({ document, lines, text }: Placing): (problem: ConfigProblem) => PlacedProblem {
  return ({ path, message }) => {
    for (let depth = path.length; depth >= 0; depth -= 1) {
      const node: unknown = depth === 0 ? document.contents : document.getIn(path.slice(0, depth), true);
      const range =
        typeof node === 'object' && node !== null && 'range' in node
          ? (node.range as [number, number] | undefined)
          : undefined;
      if (range === undefined || range === null) continue;
      const at = lines.linePos(range[0]);
      const written =
        depth === path.length && isScalar(node) ? text.slice(range[0], range[1]).trim() : undefined;
      const isSecret =
        (secretPaths.has(path.join('.')) || path.some((part) => secretFields.has(String(part)))) &&
        written?.includes('${') === false;
      const value = isSecret ? '[hidden]' : written?.slice(0, 80);
      return { path: path.join('.'), line: at.line, column: at.col, value, message };
    }
    return { path: path.join('.'), line: 1, column: 1, value: undefined, message };
  };
}

/** Never shown, even where somebody wrote the secret itself into the file. */
const secretFields: ReadonlySet<string> = new Set(['token', 'secret', 'sdkKey', 'replace']);
/** Holds a password. */
const secretPaths: ReadonlySet<string> = new Set(['state.url']);

function configError(file: string, problems: readonly PlacedProblem[]): ConfigError {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  const inOrder = problems.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const rows = inOrder.map(({ path, line, column, value, message }) => {
    const where = line === 0 ? file : `${file}:${line}:${column}`;
    const what = [path, value === undefined ? '' : `= ${value}`].filter((part) => part !== '').join(' ');
    return `  ${where}${what === '' ? '' : `  ${what}`}\n      ${message}`;
  });
  const error = new Error(`${file} cannot be used: ${count}\n${rows.join('\n')}`);
  return Object.assign(error, { name: 'ConfigError' as const, problems: inOrder });
}

/** Every file is named relative to the configuration file, wherever the program was called. */
function withAbsolutePaths(config: Config, folder: string): Config {
  const absolute = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string') return fileFields.has(key) ? resolve(folder, value) : value;
    if (Array.isArray(value)) return value.map((item) => absolute(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, absolute(part, name)]));
  };
  const flags =
    config.flags.source === 'file'
      ? { ...config.flags, path: resolve(folder, config.flags.path) }
      : config.flags;
  const { listen, admin, targets } = config;
  return {
    ...config,
    flags,
    ...(absolute({ listen, admin, targets }) as Pick<Config, 'listen' | 'admin' | 'targets'>),
  };
}

const fileFields: ReadonlySet<string> = new Set(['certFile', 'keyFile', 'caFile']);

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(deepFreeze);
  }
  return value;
}
