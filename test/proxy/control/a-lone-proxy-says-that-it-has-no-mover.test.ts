import { expect, test } from '@jest/globals';
import { configuredAcknowledging } from '#proxy/control/configured-acknowledging.ts';
import { parseConfig } from '#proxy/config/read.ts';
import type { Logger } from '#shared/telemetry/log.ts';

const yaml = (more: string): string => `
version: 1
targets: { old: { url: 'http://127.0.0.1:1' }, new: { url: 'http://127.0.0.1:2' } }
defaultTarget: old
flags: { source: file, path: flags.json }
migrations:
  domain:
    monolith: old
    service: new
    migrationFlag: domain-stage
    routes: [{ name: write, match: PUT /items }]
    data:
      monolith: { url: 'postgres://copy:hush@db/old' }
      service: { url: 'postgres://copy:hush@db/new' }
      groups: { all: { datasets: { items: {
        monolith: { table: a, key: [id], partitionKey: [id] }, service: { table: b, key: [id], partitionKey: [id] },
        columns: [{ monolith: id, service: id }] } } } }
${more}`;

function logged(): { readonly log: Logger; readonly lines: [Record<string, unknown>, string][] } {
  const lines: [Record<string, unknown>, string][] = [];
  const take = (fields: Record<string, unknown>, text: string): void => void lines.push([fields, text]);
  return { lines, log: { warn: take, info: take } as unknown as Logger };
}

const configOf = (more: string) => parseConfig(yaml(more), { file: 'banyan.yaml', environment: {} });

test('it warns at its start, answers at once by the owner alone, and does not warn again', async () => {
  const { log, lines } = logged();
  const acknowledging = configuredAcknowledging(configOf('      acknowledge: both'), { ask: undefined, log });
  expect(lines).toEqual([[{ migrations: ['domain'] }, expect.stringContaining('"banyan run"')]]);
  const said = await new Promise((settle) =>
    acknowledging.hold({ migration: 'domain', on: 'monolith', hasRoom: true }, settle),
  );
  expect(said).toEqual([['banyan-acknowledged', 'owner']]);
  expect([lines.length, acknowledging.status()['domain']?.degraded]).toEqual([1, { 'no-mover': 1 }]);
});

test('nothing is said, and nothing held, where no migration asks for it', () => {
  const { log, lines } = logged();
  const acknowledging = configuredAcknowledging(configOf(''), { ask: undefined, log });
  expect([lines, acknowledging.covers('domain')]).toEqual([[], false]);
});

test('beside a mover what is degraded is told once in a while, with the reason', async () => {
  const { log, lines } = logged();
  const acknowledging = configuredAcknowledging(configOf('      acknowledge: both'), {
    ask: () => false,
    log,
  });
  for (let tries = 0; tries < 5; tries += 1)
    await new Promise((settle) =>
      acknowledging.hold({ migration: 'domain', on: 'monolith', hasRoom: true }, settle),
    );
  expect(lines).toEqual([
    [
      { migration: 'domain', reason: 'no-mover', writes: 1 },
      'writes were answered before both sides had them',
    ],
  ]);
});
