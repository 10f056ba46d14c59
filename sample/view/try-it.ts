import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { LiveModel } from '#sample/live-model.ts';
import { seededEmail, seededPassword } from '#sample/seed/population.ts';
import { part, type Line } from './line.ts';

const sampleUser = 17;
const root = fileURLToPath(new URL('../..', import.meta.url));

/** Commands that somebody may copy from the screen, one a line or continued by a backslash; short lines. */
function tryCommands({ places, processes }: Pick<LiveModel, 'places' | 'processes'>): string[] {
  const login = JSON.stringify({ email: seededEmail(sampleUser), password: seededPassword });
  const service = processes.find(({ name }) => name === 'user-service');
  return [
    `curl -s ${places.proxyUrl}/auth/login \\`,
    '  -H content-type:application/json \\',
    `  -d '${login}'`,
    `curl -s ${places.proxyUrl}/users/${sampleUser} -H 'authorization: Bearer …'`,
    // Ports, passwords and the flag file of this run.
    `export BANYAN_ENV_FILE=${shortest(places.envFile)}`,
    'npm run --silent banyan -- cutover status',
    'npm run --silent banyan -- flags switch users-kill-switch on',
    ...(service?.pid === undefined ? [] : [`kill -9 ${service.pid}    # the user-service; it comes back`]),
  ];
}

/** A blank row, and the log-in, whose token the others need. */
export const leastTryRows = 4;

/** `npm run` works in the root, and so do the commands of the screen: below it the path may be relative. */
function shortest(path: string): string {
  const below = relative(root, path);
  return below.startsWith('..') ? path : below;
}

export function tryLines(model: LiveModel): Line[] {
  return tryCommands(model).map((command, at) => [
    part(at === 0 ? ' Try        ' : ' '.repeat(12), 'dim'),
    part(command),
  ]);
}
