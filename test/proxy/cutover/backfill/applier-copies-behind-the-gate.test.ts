import { afterEach, expect, test } from '@jest/globals';
import type { Side } from '#flags/stages.ts';
import { startBackfill } from '#proxy/cutover/backfill/backfill.ts';
import { install } from '#proxy/cutover/install/install.ts';
import { otherSide } from '#proxy/cutover/plan.ts';
import { startContinuousVerify } from '#proxy/cutover/verify/continuous.ts';
import { repair } from '#proxy/cutover/verify/repair.ts';
import { verify } from '#proxy/cutover/verify/verify.ts';
import { run, silent } from '../support/bulk-fixture.ts';
import { bareWorld, type World } from '../support/world.ts';

let world: World;
afterEach(() => world.drop());

const fill: Readonly<Record<Side, string>> = {
  monolith: `insert into cards (house, signature, heading, touched) select 'h', 's' || i, 't', now() from generate_series(1, 300) i`,
  service: `insert into documents (tenant, code, title, changed_at) select 'h', 's' || i, 't', now() from generate_series(1, 300) i`,
};
const tables: Readonly<Record<Side, string>> = { monolith: 'cards', service: 'documents' };

test.each([['monolith'], ['service']] as const)(
  'the %s owns: the applier alone backfills, verifies and repairs, with gate and capture in place',
  async (owner) => {
    world = await bareWorld('second');
    const { plan } = world;
    const urls = { monolith: world.databases.monolith.url, service: world.databases.service.url };
    // Rows from before the capture, so that only the backfill brings them.
    await run(urls[owner], fill[owner]);
    for (const side of ['monolith', 'service'] as const) await install(plan, side, { owner });
    const follower = otherSide(owner);
    const signal = new AbortController().signal;

    const { datasets } = await startBackfill({ plan, to: follower, log: silent, signal });
    expect(datasets[0]).toMatchObject({ rows: 300, parked: 0, leftAlone: 0 });
    const [captured] = await run(urls[follower], 'select count(*)::int as changes from banyan.outbox');
    expect(captured).toEqual({ changes: 0 });

    // A row gets lost. As the applier, whom the gate lets pass.
    await run(
      plan.databases[follower].url,
      `delete from public.${tables[follower]} where ctid = (select min(ctid) from public.${tables[follower]})`,
    );
    const { differences, equal } = await verify({
      plan,
      owner,
      mode: 'live',
      signal,
      settings: { pauseMs: 5 },
    });
    expect(equal).toBe(false);
    expect(differences).toMatchObject([{ kind: 'missing' }]);

    const sample = startContinuousVerify({ plan, owner, within: 1, log: silent, signal, pauseMs: 5 });
    while (sample.status().rounds === 0) await new Promise((resolve) => void setTimeout(resolve, 10));
    expect(sample.status().differences).toBe(1);
    await sample.stop();

    expect(await repair({ plan, owner, differences, dryRun: false })).toMatchObject({
      repaired: 1,
      failed: [],
    });
    expect((await verify({ plan, owner, mode: 'snapshot', signal })).equal).toBe(true);
  },
);
