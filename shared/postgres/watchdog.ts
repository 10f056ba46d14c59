// Runs PostgreSQL as a child and ends it when standard input closes, which also happens when the parent is killed.
// Usage: node watchdog.ts UID:GID|- POSTGRES [ARG …]
import { spawn } from 'node:child_process';

const fastShutdownLimitMs = 15_000;
const [user = '-', program = '', ...args] = process.argv.slice(2);
const [uid, gid] = user.split(':').map(Number);
const runAs = uid === undefined || gid === undefined ? {} : { uid, gid };
const server = spawn(program, args, { stdio: ['ignore', 'ignore', 'inherit'], ...runAs });

server.on('exit', (code) => process.exit(code ?? 1));
server.on('error', (error) => {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
});

const end = (): void => {
  // SIGINT is PostgreSQL's fast shutdown, SIGQUIT its immediate one (the next start recovers).
  server.kill('SIGINT');
  setTimeout(() => server.kill('SIGQUIT'), fastShutdownLimitMs).unref();
};
process.stdin.on('close', end).on('error', end).resume();
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end);
// Writing to a parent that is gone must not kill the watchdog before it has done its work.
process.stderr.on('error', () => undefined);
