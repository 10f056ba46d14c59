import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { fillBoth, readsOf } from '#test/second-pair/harness/archive.ts';
import { essence, type Sent } from '#test/second-pair/harness/client.ts';
import { aboutDevices, aboutDocuments } from '#test/second-pair/harness/conversation.ts';
import { startSecondPair, type SecondPair, type SystemName } from '#test/second-pair/harness/pair.ts';

let pair: SecondPair;
beforeAll(async () => {
  pair = await startSecondPair();
  await fillBoth(pair, 'full');
});
afterAll(() => pair.stop());

/** Where one side has everything: what the proxy answers is what the other system would have answered. */
test.each([
  ['off', 'cardfile', 'vault'],
  ['dualwrite', 'cardfile', 'vault'],
  ['live', 'vault', 'cardfile'],
  ['rampdown', 'vault', 'cardfile'],
  ['complete', 'vault', 'cardfile'],
] as const)('at stage %s everything goes to the %s', async (stage, owner, other) => {
  await pair.flags.stage('documents', stage);
  await pair.flags.stage('devices', stage);
  // An archive for each stage, or the third one to come would find the documents of the first.
  const archive = `stage-${stage}`;
  for (const [status, sent] of [...aboutDocuments(archive), ...aboutDevices(archive)]) {
    const { from, ...answer } = await pair.proxied(sent);
    expect([sent, from, answer.status]).toEqual([sent, expectedSystem(sent, owner), status]);
    expect([sent, essence(answer)]).toEqual([sent, essence(await pair.direct(other, sent))]);
  }
});

test.each([
  [0, ['cardfile']],
  [50, ['cardfile', 'vault']],
  [100, ['cardfile', 'vault']],
] as const)('at a shadow share of %d %% every read is answered as before', async (percent, expected) => {
  await pair.flags.shadow('documents', percent);
  await pair.flags.shadow('devices', percent);
  const from = new Set<SystemName | undefined>();
  for (const sent of readsOf('full')) {
    const proxied = await pair.proxied(sent);
    from.add(proxied.from);
    expect([sent, essence(proxied)]).toEqual([sent, essence(await pair.direct('cardfile', sent))]);
    // The one read that names no flag stays; at 100 % all others have gone.
    if (percent === 100 && !sent.path.endsWith('never written'))
      expect([sent.path, proxied.from]).toEqual([
        sent.path,
        sent.path.endsWith('/Current') ? 'cardfile' : 'vault',
      ]);
  }
  expect(from).toEqual(new Set(expected));
});

test('at a shadow share of 100 % writes still go to the card file', async () => {
  await pair.flags.shadow('documents', 100);
  await pair.flags.shadow('devices', 100);
  const writes = [
    { method: 'PUT', path: '/Archives/shadowed/Documents/1', body: {} },
    { method: 'DELETE', path: '/Archives/shadowed/Documents/1' },
    { method: 'PUT', path: '/Devices/1', headers: { 'x-archive': 'shadowed' }, body: {} },
    { method: 'POST', path: '/Devices/Readings', headers: { 'x-archive': 'shadowed' }, body: {} },
  ] as const;
  for (const sent of writes) expect((await pair.proxied(sent)).from).toBe('cardfile');
});

/** What no route takes goes to the default target, whatever the stage is: no POST on a document, no path but in UTF-8. */
function expectedSystem({ method, path }: Sent, owner: SystemName): SystemName {
  const unmatched = path.includes('%FF') || (method === 'POST' && !/(?:Search|Readings)$/.test(path));
  return unmatched ? 'cardfile' : owner;
}
