import { parseArgs } from 'node:util';
import { fullCases, quickCases, type BenchCase } from './cases.ts';

export interface Options {
  readonly help: boolean;
  readonly cases: readonly BenchCase[];
  /** Names, as in the table; empty for all. */
  readonly only: readonly string[];
  readonly json: string | undefined;
  readonly markdown: string | undefined;
  readonly profiles: string | undefined;
  readonly install: boolean;
}

export const help = `npm run bench:proxy -- [options]

Banyan beside other proxies, on loopback: requests/s, CPU a request, latency and memory.

  --quick            the goal's case, 15,000 requests/s, and one step from the goal's case in each direction (default;
                     some 6 minutes)
  --full             sizes × methods × connections × keep-alive (some 40 minutes)
  --case TEXT        only cases whose name has this text; again for more
  --only NAME        only this proxy, as in the table; again for more
  --rounds N         rounds of each case
  --seconds N        measured time of a round
  --json FILE        all figures of all rounds
  --markdown FILE    the tables for the README; - for the terminal
  --cpu-prof FOLDER  a CPU profile of each proxy on Node, with what profiling costs in its figures
  --no-install       leave out Node peers that are not installed, rather than install them (npm ci)
  --help

Leave the machine alone meanwhile. Ctrl-C ends it and all that it started.
`;

/** @throws Error (TypeError of node:util too) that says what is wrong with the call */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    strict: true,
    options: {
      quick: { type: 'boolean' },
      full: { type: 'boolean' },
      case: { type: 'string', multiple: true },
      only: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      json: { type: 'string' },
      markdown: { type: 'string' },
      'cpu-prof': { type: 'string' },
      'no-install': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  });
  if (values.quick === true && values.full === true) throw new Error('take --quick or --full, not both');
  const { rounds, seconds } = values;
  const cases = (values.full === true ? fullCases : quickCases)
    .filter(({ name }) => values.case?.some((text) => name.includes(text)) ?? true)
    .map((bench) => ({
      ...bench,
      ...(rounds === undefined ? {} : { rounds: positive('--rounds', rounds, 100) }),
      ...(seconds === undefined ? {} : { measureMs: 1_000 * positive('--seconds', seconds, 60) }),
    }));
  if (cases.length === 0) throw new Error('no case has such a name; --full has more of them');
  return {
    help: values.help ?? false,
    cases,
    only: values.only ?? [],
    json: values.json,
    markdown: values.markdown,
    profiles: values['cpu-prof'],
    install: values['no-install'] !== true,
  };
}

function positive(option: string, text: string, most: number): number {
  const value = Number(text);
  if (!(value > 0) || value > most) throw new Error(`${option} must be a number up to ${most}`);
  return value;
}
