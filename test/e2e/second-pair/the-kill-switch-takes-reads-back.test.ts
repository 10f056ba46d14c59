import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fillBoth, readsOf } from '#test/second-pair/harness/archive.ts';
import {
  sidesOf,
  startSecondPair,
  type SecondPair,
  type SystemName,
} from '#test/second-pair/harness/pair.ts';

let pair: SecondPair;
beforeAll(async () => {
  pair = await startSecondPair();
  await fillBoth(pair, 'killed');
});
afterAll(() => pair.stop());

const reads = readsOf('killed').filter(({ path }) => !path.endsWith('/Current'));
const deviceReads = reads.filter(({ path }) => path.startsWith('/Devices'));
const documentReads = reads.filter((sent) => !deviceReads.includes(sent));

async function sides(domain: 'documents' | 'devices'): Promise<Set<SystemName | undefined>> {
  return new Set(await sidesOf(pair, domain === 'devices' ? deviceReads : documentReads));
}

test('it beats a share of 100 %, for its own domain alone, and gives the share back', async () => {
  await pair.flags.shadow('documents', 100);
  await pair.flags.shadow('devices', 100);
  expect(await sides('documents')).toEqual(new Set(['vault']));
  await pair.flags.kill('documents', true);
  expect(await sides('documents')).toEqual(new Set(['cardfile']));
  expect(await sides('devices')).toEqual(new Set(['vault']));
  // A flag of the short form.
  await pair.flags.kill('devices', true);
  expect(await sides('devices')).toEqual(new Set(['cardfile']));
  expect((await pair.proxy.status()).migrations).toMatchObject({
    documents: { stage: 'shadow', killed: true },
    devices: { stage: 'shadow', killed: true },
  });
  await pair.flags.kill('documents', false);
  await pair.flags.kill('devices', false);
  expect(await sides('documents')).toEqual(new Set(['vault']));
  expect(await sides('devices')).toEqual(new Set(['vault']));
});

test.each([
  ['live', 'cardfile'],
  ['rampdown', 'cardfile'],
  ['complete', 'vault'],
] as const)('at stage %s a killed read goes to the %s, a write to the vault', async (stage, side) => {
  await pair.flags.stage('documents', stage);
  await pair.flags.kill('documents', true);
  expect(await sides('documents')).toEqual(new Set([side]));
  const path = `/Archives/killed/Documents/${stage}`;
  expect(await pair.proxied({ method: 'PUT', path, body: {} })).toMatchObject({ status: 201, from: 'vault' });
});
