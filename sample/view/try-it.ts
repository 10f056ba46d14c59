import type { LiveModel } from '#sample/live-model.ts';
import { seededEmail, seededPassword } from '#sample/seed/population.ts';
import { part, type Line } from './line.ts';

const sampleUser = 17;

/** Commands that somebody may copy from the screen, one a line or continued by a backslash; short lines. */
export function tryCommands({ places, processes }: Pick<LiveModel, 'places' | 'processes'>): string[] {
  const login = JSON.stringify({ email: seededEmail(sampleUser), password: seededPassword });
  const service = processes.find(({ name }) => name === 'user-service');
  return [
    `curl -s ${places.proxyUrl}/auth/login \\`,
    '  -H content-type:application/json \\',
    `  -d '${login}'`,
    `curl -s ${places.proxyUrl}/users/${sampleUser} -H 'authorization: Bearer …'`,
    `curl -s ${places.adminUrl}/status`,
    ...(service?.pid === undefined ? [] : [`kill -9 ${service.pid}    # the user-service; it comes back`]),
  ];
}

export function tryLines(model: LiveModel): Line[] {
  return tryCommands(model).map((command, at) => [
    part(at === 0 ? ' Try        ' : ' '.repeat(12), 'dim'),
    part(command),
  ]);
}
