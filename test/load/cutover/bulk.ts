import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbeddedPostgres } from '#shared/postgres/embedded.ts';
import { migrate } from '#shared/postgres/migrate.ts';
import { startBackfill } from '#proxy/cutover/backfill/backfill.ts';
import { verify } from '#proxy/cutover/verify/verify.ts';
import { asSuperuser, prepare, run, silent } from '#test/proxy/cutover/support/bulk-fixture.ts';
import { samplePlan } from '#test/proxy/cutover/support/sample-plan.ts';
import { tellGoal } from './goals.ts';
import { readOptions } from './options.ts';
import { fillSample } from './bulk-rows.ts';
import { copyPlainly } from './plain-copy.ts';
import { indexesLast } from './indexes-last.ts';

// Backfill and verification beside a plain COPY … TO STDOUT | COPY … FROM STDIN of the same rows into the same tables, in
// the same run on the same server. Ratios count; the absolute figures are this machine's.

const help = `npm run bench:bulk -- [--rows N] [--rounds N] [--indexes]
  --rows      accounts; as many tokens, with two more indexes, come with them. Default: 500000
  --rounds    plain copy, backfill and verification so many times; medians are told. Default: 3
  --indexes   also: tokens with their secondary indexes from the start against built last
`;

const values = readOptions(help, {
  rows: { type: 'string', default: '500000' },
  rounds: { type: 'string', default: '3' },
  indexes: { type: 'boolean', default: false },
});
const out = (text: string): void => void process.stdout.write(`${text}\n`);
const tables = ['tokens', 'preferences', 'profiles', 'accounts'];

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

async function bench(rows: number, rounds: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'banyan-bulk-'));
  chmodSync(folder, 0o755);
  const postgres = await startEmbeddedPostgres({
    dataFolder: join(folder, 'pg'),
    settings: { max_wal_size: '4GB', shared_buffers: '256MB' },
  });
  try {
    const urls = { monolith: postgres.url('old_side'), service: postgres.url('new_side') };
    for (const name of ['old_side', 'new_side'])
      await run(postgres.url('postgres'), `create database ${name}`);
    for (const [side, path] of [
      ['old_side', 'monolith/schema'],
      ['new_side', 'user-service/schema'],
    ] as const)
      await migrate({
        url: postgres.url(side),
        folder: fileURLToPath(new URL(`../../../${path}`, import.meta.url)),
      });
    const plan = asSuperuser(samplePlan(urls));
    await prepare(plan, 'monolith');
    await fillSample(urls.monolith, rows);
    const signal = new AbortController().signal;
    const all = rows * 2;
    const times = { plain: [] as number[], backfill: [] as number[], verification: [] as number[] };
    const empty = async (): Promise<void> => {
      await run(urls.service, `truncate ${tables.join(', ')}`);
      await run(urls.service, 'checkpoint');
    };
    for (let round = 1; round <= rounds; round += 1) {
      await empty();
      times.plain.push(await secondsOf(() => copyPlainly(plan)));
      await empty();
      await run(urls.service, 'delete from banyan.backfill_runs');
      times.backfill.push(await secondsOf(() => startBackfill({ plan, to: 'service', log: silent, signal })));
      // A server in service has visited its rows and set their hint bits; so has the plain copy's reader no more than ours.
      times.verification.push(
        await secondsOf(async () => {
          const report = await verify({ plan, owner: 'monolith', mode: 'snapshot', signal });
          if (!report.equal) throw new Error('the two sides differ');
        }),
      );
      out(
        `round ${round}: plain ${times.plain.at(-1)?.toFixed(2)} s, backfill ${times.backfill.at(-1)?.toFixed(2)} s, verification ${times.verification.at(-1)?.toFixed(2)} s`,
      );
    }
    const rate = (seconds: number[]): string =>
      `${Math.round(all / median(seconds)).toLocaleString('en')} rows/s`;
    out(
      `plain copy    ${rate(times.plain)} (one stream through this process, ${all.toLocaleString('en')} rows)`,
    );
    out(`backfill      ${rate(times.backfill)}`);
    out(`verification  ${rate(times.verification)}`);
    const [plain, backfill, verification] = [times.plain, times.backfill, times.verification].map((times) =>
      median(times),
    ) as [number, number, number];
    const atLeast = { is: 'at least', unit: '×' } as const;
    tellGoal({ what: 'backfill beside COPY to COPY', had: plain / backfill, wanted: 0.6, ...atLeast });
    tellGoal({ what: 'verification beside backfill', had: backfill / verification, wanted: 1, ...atLeast });
    const peak = process.resourceUsage().maxRSS / 1024;
    tellGoal({ what: 'peak memory of the engine', had: peak, wanted: 512, is: 'at most', unit: 'MiB' });
    if (values.indexes) out(await indexesLast(plan));
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

await bench(Number(values.rows), Number(values.rounds));
