// The long form of the tests of the data plane and of the copy, on loopback alone: `npm run soak`.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const help = `npm run soak -- [--only PART] [--connections N] [--runs N] [--moves N] [--minutes N]

Hands buckets back and forth under clients of three proxies while processes are killed and stopped, connections are cut, one
proxy's map is old and another's clock is wrong; the same in the databases alone; copies two pairs of databases under writes
while servers, movers and connections are killed; makes aborted, slow and reset connections to the proxy and looks whether
sockets or memory grow; runs the fuzz against Node, nginx and HAProxy for long. Only loopback is used. A line every few
seconds says how far it is.

  --only PART      moves, copy, connections or fuzz alone
  --connections N  connections (SOAK_CONNECTIONS; default 500000)
  --runs N         cases of each fuzz property (FUZZ_RUNS; default 10000)
  --moves N        buckets handed over (SOAK_MOVES; default 10000), and half as many in the databases alone
  --minutes N      bound in time (SOAK_MINUTES; default 60): 40 % of it for the moves, 20 % for each other part; with --only
                   all of it. What was done by then counts
`;

const fuzzProperties = 9;
/** Beyond the bound: to start, to stop and to be slow. */
const graceMs = 240_000;
/** Each with its share of the time. */
const parts = {
  moves: { share: 0.4, tests: ['test/model/history/histories-'] },
  copy: { share: 0.2, tests: ['test/proxy/cutover/history'] },
  connections: { share: 0.2, tests: ['test/proxy/http/soak.test.ts'] },
  fuzz: { share: 0.2, tests: ['test/conformance/differential-fuzz', 'test/conformance/peers-'] },
};
/** Of the time for moves, what those through proxies get; the others get the rest. */
const throughProxies = 0.8;

function fail(message) {
  console.error(`soak: ${message}\n\n${help}`);
  process.exit(2);
}

function read() {
  const options = {
    only: { type: 'string' },
    connections: { type: 'string' },
    runs: { type: 'string' },
    moves: { type: 'string' },
    minutes: { type: 'string' },
  };
  try {
    return parseArgs({ options: { ...options, help: { type: 'boolean', short: 'h' } } }).values;
  } catch (error) {
    return fail(error.message);
  }
}

function above0(name, text) {
  if (!(Number(text) > 0)) fail(`${name} must be a number above 0, not ${text}`);
  return Number(text);
}

const given = read();
if (given.help) {
  console.log(help);
  process.exit(0);
}
const { only } = given;
if (only !== undefined && !Object.hasOwn(parts, only))
  fail(`--only must be one of ${Object.keys(parts).join(', ')}, not ${only}`);
const { env } = process;
const connections = above0('connections', given.connections ?? env.SOAK_CONNECTIONS ?? '500000');
const runs = above0('runs', given.runs ?? env.FUZZ_RUNS ?? '10000');
const moves = above0('moves', given.moves ?? env.SOAK_MOVES ?? '10000');
const minutes = above0('minutes', given.minutes ?? env.SOAK_MINUTES ?? '60');
const secondsOf = (part) => minutes * 60 * (only === undefined ? parts[part].share : 1);

const jest = fileURLToPath(new URL('../node_modules/jest/bin/jest.js', import.meta.url));
const child = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    jest,
    '--coverage=false',
    '--runInBand',
    ...Object.entries(parts).flatMap(([part, { tests }]) =>
      only === undefined || part === only ? tests : [],
    ),
  ],
  {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: 'inherit',
    env: {
      ...env,
      SHOW_PROGRESS: '1',
      SOAK_CONNECTIONS: String(connections),
      SOAK_SECONDS: String(secondsOf('connections')),
      SOAK_MOVES: String(moves),
      SOAK_MOVES_SECONDS: String(secondsOf('moves') * throughProxies),
      SOAK_PLAIN_MOVES: String(Math.ceil(moves / 2)),
      SOAK_PLAIN_MOVES_SECONDS: String(secondsOf('moves') * (1 - throughProxies)),
      HISTORY_SECONDS: String(secondsOf('copy')),
      FUZZ_RUNS: String(runs),
      FUZZ_SECONDS: String(secondsOf('fuzz') / fuzzProperties),
    },
  },
);
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
const overdue = setTimeout(
  () => {
    console.error(`soak: not done ${graceMs / 60_000} minutes after its bound; ending it`);
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
    process.exitCode = 1;
  },
  minutes * 60_000 + graceMs,
);
child.on('exit', (code) => {
  clearTimeout(overdue);
  process.exitCode ||= code ?? 1;
});
