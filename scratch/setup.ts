import { createServer } from 'node:http';
import { mkdirSync, writeFileSync, rmSync, chmodSync } from 'node:fs';
import { Client } from 'pg';
import { startEmbeddedPostgres, freePort } from '#shared/postgres/embedded.ts';
import { migrate } from '#shared/postgres/migrate.ts';
import { fileURLToPath } from 'node:url';
import { secondPlan } from '../test/proxy/cutover/support/second-plan.ts';
rmSync('/tmp/walk', { recursive: true, force: true });
mkdirSync('/tmp/walk');
chmodSync('/tmp/walk', 0o755);
const pg = await startEmbeddedPostgres({ dataFolder: '/tmp/walk/pg', durable: false });
const c = new Client({ connectionString: pg.url('postgres') });
await c.connect();
for (const [name, path] of [
  ['cards', 'test/second-pair/cardfile/schema'],
  ['vault', 'test/second-pair/vault/schema'],
]) {
  await c.query(`create database ${name}`);
  await migrate({
    url: pg.url(name as string),
    folder: fileURLToPath(new URL(`../${path}`, import.meta.url)),
  });
}
await c.end();
const cards = new Client({ connectionString: pg.url('cards') });
await cards.connect();
await cards.query(`insert into cards (house, signature, heading, rev, touched) select (array['north','south','west'])[1 + n % 3], 'S.' || n, 'heading ' || n, 1, '2026-01-01' from generate_series(1, 20000) n;
insert into loggers (house, serial, model, rev, touched) select 'north', 's-' || n, 'T9', 1, '2026-01-01' from generate_series(1, 50) n;
insert into logger_readings select 'north', 's-' || (1 + n % 50), timestamp '2026-01-01' + n * interval '1 minute', 'light', n from generate_series(1, 2000) n;
insert into loans select 'north', 'S.' || n * 3, 'reader ' || n, '2030-01-01' from generate_series(1, 40) n;
create view public.open_loans as select l.reader, c.heading, l.due_on from public.loans l join public.cards c using (house, signature);
create function public.overdue() returns bigint language sql as 'select count(*) from public.loans l join public.cards c using (house, signature) where l.due_on < now()';`);
await cards.end();
const targets: Record<string, string> = {};
for (const name of ['cardfile', 'vault']) {
  const s = createServer((_q, r) => r.end(`${name}\n`)).listen(0, '127.0.0.1');
  await new Promise((r) => s.once('listening', r));
  targets[name] = `http://127.0.0.1:${(s.address() as { port: number }).port}`;
}
const plan = secondPlan({ monolith: pg.url('cards'), service: pg.url('vault') });
const table = (side: 'monolith' | 'service', d: any) => ({
  table: d.tables[side].table,
  key: d.tables[side].key,
  partitionKey: d.tables[side].partitionKey,
});
writeFileSync(
  '/tmp/walk/banyan.yaml',
  JSON.stringify(
    {
      version: 1,
      listen: { port: await freePort() },
      admin: { port: await freePort() },
      workers: 2,
      targets: { cardfile: { url: targets['cardfile'] }, vault: { url: targets['vault'] } },
      defaultTarget: 'cardfile',
      flags: { source: 'file', path: 'flags.json' },
      force: { secret: 'a secret of some length' },
      log: { requests: 'none' },
      migrations: {
        archive: {
          monolith: 'cardfile',
          service: 'vault',
          migrationFlag: 'archive-stage',
          killSwitch: 'archive-kill',
          routes: [
            { name: 'document-read', match: 'GET /documents/:code', key: { path: 'code' } },
            { name: 'document-write', match: 'PUT /documents/:code', key: { path: 'code' } },
          ],
          data: {
            ...plan.databases,
            groups: Object.fromEntries(
              plan.groups.map(({ name, buckets, datasets }) => [
                name,
                {
                  buckets,
                  datasets: Object.fromEntries(
                    datasets.map((d) => [
                      d.name,
                      { monolith: table('monolith', d), service: table('service', d), columns: d.columns },
                    ]),
                  ),
                },
              ]),
            ),
          },
        },
      },
    },
    undefined,
    1,
  ),
);
const stages = ['off', 'dualwrite', 'shadow', 'live', 'rampdown', 'complete'];
writeFileSync(
  '/tmp/walk/flags.json',
  JSON.stringify({
    flags: {
      'archive-stage': { on: true, variations: stages, offVariation: 0, fallthrough: { variation: 0 } },
      'archive-kill': { on: true, variations: [false, true], offVariation: 0, fallthrough: { variation: 0 } },
    },
  }),
);
writeFileSync('/tmp/walk/urls', `CARDS=${pg.url('cards')}\nVAULT=${pg.url('vault')}\n`);
console.log('ready');
process.on('SIGTERM', async () => {
  await pg.stop();
  process.exit(0);
});
setInterval(() => undefined, 1e6);
