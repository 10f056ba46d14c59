// The long form of the tests of the data plane and of the copy, on loopback alone: `npm run soak`.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const help = `npm run soak -- [--connections N] [--runs N] [--moves N] [--minutes N]

Makes aborted, slow and reset connections to the proxy and looks whether sockets or memory grow, then runs the fuzz
against Node, nginx and HAProxy for long, copies two pairs of databases under writes while servers, movers and
connections are killed, and moves buckets back and forth under random clients while controllers die. Only loopback is
used. A line every few seconds says how far it is.

  --connections N  connections (SOAK_CONNECTIONS; default 500000)
  --runs N         cases of each fuzz property (FUZZ_RUNS; default 10000)
  --moves N        buckets handed over under random clients (SOAK_MOVES; default 10000)
  --minutes N      bound in time (SOAK_MINUTES; default 30): 40 % of it for the connections, 40 % for the fuzz, 20 % for the
                   histories of the copy; what was done by then counts
`;

const fuzzProperties = 9;
/** Beyond the bound: to start, to stop and to be slow. */
const graceMs = 180_000;

function fail(message) {
  console.error(`soak: ${message}\n\n${help}`);
  process.exit(2);
}

function read() {
  const options = {
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
const { env } = process;
const connections = above0('connections', given.connections ?? env.SOAK_CONNECTIONS ?? '500000');
const runs = above0('runs', given.runs ?? env.FUZZ_RUNS ?? '10000');
const moves = above0('moves', given.moves ?? env.SOAK_MOVES ?? '10000');
const minutes = above0('minutes', given.minutes ?? env.SOAK_MINUTES ?? '30');

const jest = fileURLToPath(new URL('../node_modules/jest/bin/jest.js', import.meta.url));
const tests = [
  'test/model/history/histories-across-moves.test.ts',
  'test/proxy/http/soak.test.ts',
  'test/conformance/differential-fuzz',
  'test/conformance/peers-',
  'test/proxy/cutover/history',
];
const child = spawn(
  process.execPath,
  [
    '--experimental-vm-modules',
    '--disable-warning=ExperimentalWarning',
    jest,
    '--coverage=false',
    '--runInBand',
    ...tests,
  ],
  {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    stdio: 'inherit',
    env: {
      ...env,
      SHOW_PROGRESS: '1',
      SOAK_CONNECTIONS: String(connections),
      SOAK_SECONDS: String(minutes * 24),
      SOAK_MOVES: String(moves),
      HISTORY_SECONDS: String(minutes * 12),
      FUZZ_RUNS: String(runs),
      FUZZ_SECONDS: String((minutes * 24) / fuzzProperties),
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
