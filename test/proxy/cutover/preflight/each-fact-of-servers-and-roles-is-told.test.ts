import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { connectReading } from '#proxy/cutover/catalog/connect.ts';
import { readServer, type ServerFacts } from '#proxy/cutover/catalog/server.ts';
import { readCatalog, type Catalog } from '#proxy/cutover/catalog/tables.ts';
import { readApplier, type ApplierFacts } from '#proxy/cutover/preflight/applier.ts';
import { roleChecks } from '#proxy/cutover/preflight/checks/roles.ts';
import { serverChecks } from '#proxy/cutover/preflight/checks/servers.ts';
import type { PreflightFacts, SideFacts } from '#proxy/cutover/preflight/facts.types.ts';
import { secondPair, type TestPair } from './harness.ts';

// One PostgreSQL of one version is here, with no standby: what it says is read, and one fact of it changed.
let pair: TestPair;
let server: ServerFacts;
let applier: ApplierFacts;
let catalog: Catalog;

beforeAll(async () => {
  pair = await secondPair();
  const client = await connectReading(pair.monolith.url);
  server = await readServer(client);
  applier = await readApplier(client, pair.plan.databases.monolith.url);
  catalog = await readCatalog(client);
  await client.end();
});
afterAll(() => pair.drop());

interface Changed {
  readonly server?: Partial<ServerFacts>;
  readonly applier?: Partial<ApplierFacts>;
  readonly hasInstallUrl?: boolean;
}

function factsWith(change: Changed): PreflightFacts {
  const side = (name: 'monolith' | 'service', changes: Changed): SideFacts =>
    ({
      side: name,
      catalog: name === 'monolith' ? catalog : { tables: [], find: () => undefined },
      server: { ...server, ...changes.server },
      applier: { ...applier, ...changes.applier },
      hasInstallUrl: changes.hasInstallUrl ?? true,
    }) as unknown as SideFacts;
  return {
    plan: pair.plan,
    datasets: pair.plan.groups.flatMap(({ datasets }) => datasets),
    sides: { monolith: side('monolith', change), service: side('service', {}) },
  };
}

const standby = { name: 'standby_1', state: 'streaming', sync: 'async' };
const other = { migration: 'elsewhere', side: 'service', applier: 'copy' };

const cases: readonly (readonly [string, Changed, string, string])[] = [
  [
    'an old version',
    { server: { version: 120_022, versionText: '12.22' } },
    'error version-too-old',
    'PostgreSQL 12.22',
  ],
  ['a standby', { server: { inRecovery: true } }, 'error in-recovery', 'is a standby'],
  [
    'standbys that nobody waits for',
    { server: { standbys: [standby] } },
    'warning standby-asynchronous',
    'standby_1',
  ],
  ['few connections left', { server: { connectionsUsed: 195 } }, 'warning connections-scarce', '195 of'],
  ['another encoding', { server: { encoding: 'LATIN1' } }, 'warning encoding-differs', 'LATIN1'],
  ['another sort', { server: { collate: 'de_DE.utf8' } }, 'note collation-differs', 'de_DE.utf8'],
  [
    'other hashes',
    { server: { hashVector: '{1}' } },
    'error digest-differs',
    'hash the same texts differently',
  ],
  [
    'another migration’s database',
    { applier: { installations: [other] } },
    'error other-installation',
    'migration elsewhere',
  ],
  ['no installer', { hasInstallUrl: false }, 'warning installer-lacks', 'no installUrl'],
  [
    'an installer without rights',
    {
      server: {
        role: {
          name: 'guest',
          isSuperuser: false,
          createRole: false,
          bypassRowSecurity: false,
          createInDatabase: false,
        },
      },
    },
    'error installer-lacks',
    'guest, may not do',
  ],
  ['an applier that others use', { applier: { otherSessions: ['psql'] } }, 'error applier-is-shared', 'psql'],
];

test.each(cases)('%s', (_name, change, head, said) => {
  const facts = factsWith(change);
  const remarks = [...serverChecks(facts), ...roleChecks(facts)];
  const found = remarks.filter(({ severity, code }) => `${severity} ${code}` === head);
  expect(found.map(({ message }) => message).join('\n')).toContain(said);
  expect(found.every(({ remedy }) => remedy.length > 0)).toBe(true);
});

test('none of these is said of the server as it is', () => {
  const facts = factsWith({});
  const codes = [...serverChecks(facts), ...roleChecks(facts)].map(
    ({ code, severity }) => `${severity} ${code}`,
  );
  expect(
    cases.map(([, , head]) => head).filter((head) => codes.includes(head) && !head.includes('applier')),
  ).toEqual([]);
});
