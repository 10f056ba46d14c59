import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { documentPath, fillBoth, oddCodes } from '#test/second-pair/harness/archive.ts';
import type { Sent } from '#test/second-pair/harness/client.ts';
import { startSecondPair, type SecondPair, type SystemName } from '#test/second-pair/harness/pair.ts';

let pair: SecondPair;
beforeAll(async () => {
  pair = await startSecondPair();
  await fillBoth(pair, 'moving');
});
afterAll(() => pair.stop());

const headers = { 'x-archive': 'moving' };
const ways: Readonly<Record<string, Sent>> = {
  // Not what is written: a caller's reads follow its own writes for a while, whatever the share says.
  documentRead: { method: 'GET', path: documentPath('moving', oddCodes[0] ?? '') },
  documentWrite: {
    method: 'PUT',
    path: documentPath('moving', '100%'),
    body: {},
    headers: { 'if-match': '*' },
  },
  deviceRead: { method: 'GET', path: '/Devices', headers },
  deviceWrite: { method: 'PUT', path: '/Devices/1', headers, body: {} },
};

async function sides(): Promise<Record<string, SystemName | undefined>> {
  const found: Record<string, SystemName | undefined> = {};
  for (const [name, sent] of Object.entries(ways)) found[name] = (await pair.proxied(sent)).from;
  return found;
}

test('each has its own stage and shares', async () => {
  const documentRead = 'cardfile';
  const documentWrite = 'cardfile';
  const deviceRead = 'cardfile';
  const deviceWrite = 'cardfile';
  expect(await sides()).toEqual({ documentRead, documentWrite, deviceRead, deviceWrite });
  await pair.flags.stage('devices', 'live');
  const devicesMoved = { deviceRead: 'vault', deviceWrite: 'vault' };
  expect(await sides()).toEqual({ documentRead, documentWrite, ...devicesMoved });
  await pair.flags.shadow('documents', 100);
  expect(await sides()).toEqual({ documentRead: 'vault', documentWrite, ...devicesMoved });
  await pair.flags.stage('devices', 'off');
  expect(await sides()).toEqual({ documentRead: 'vault', documentWrite, deviceRead, deviceWrite });
});

test('what no route takes stays with the card file, also at complete', async () => {
  await pair.flags.stage('documents', 'complete');
  await pair.flags.stage('devices', 'complete');
  const loan = '/Archives/moving/Loans/100%25';
  const lines: [number, Sent][] = [
    [201, { method: 'PUT', path: loan, body: { reader: 'Ada', due: '2026-04-01' } }],
    [409, { method: 'PUT', path: loan, body: { reader: 'Ben', due: '2026-04-01' } }],
    [
      404,
      { method: 'PUT', path: '/archives/moving/loans/unknown', body: { reader: 'Ada', due: '2026-04-01' } },
    ],
    [200, { method: 'GET', path: '/Archives/moving/Loans' }],
    [202, { method: 'DELETE', path: loan }],
    [404, { method: 'DELETE', path: loan }],
    [404, { method: 'DELETE', path: '/Devices' }],
  ];
  for (const [status, sent] of lines)
    expect([sent, await pair.proxied(sent)]).toMatchObject([sent, { status, from: 'cardfile' }]);
});
