import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Side } from '#flags/stages.ts';
import { install } from '#proxy/cutover/install/install.ts';
import { otherSide } from '#proxy/cutover/plan.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { migrate } from '#shared/postgres/migrate.ts';
import { templates } from '#test/support/templates.ts';
import { samplePlan } from '../../support/sample-plan.ts';
import { secondPlan } from '../../support/second-plan.ts';
import { sampleWrites, secondWrites, type Writes } from './writes.ts';
import type { ServerPair } from './server-pair.ts';

/** One pair of schemas that is written to on its owner while it is copied. */
export interface History {
  readonly plan: CutoverPlan;
  readonly owner: Side;
  readonly databases: Readonly<Record<Side, string>>;
  readonly writes: Writes;
}

interface Watched {
  readonly dataset: string;
  readonly table: string;
  readonly key: string;
  readonly version: string;
}

const watchSql = readFileSync(new URL('follower-watch.sql', import.meta.url), 'utf8');

/** The sample's pair, copied to the service, and the second one, copied back to the old system. */
export async function makeHistories(servers: ServerPair): Promise<History[]> {
  const sample = await makePair(servers, { monolith: 'monolith', service: 'user_service' }, samplePlan);
  const second = await makePair(servers, { monolith: 'second_old', service: 'second_new' }, secondPlan);
  return [
    await prepare(servers, { ...sample, owner: 'monolith', writes: sampleWrites }, [
      { dataset: 'accounts', table: 'accounts', key: 'r.user_id', version: 'substr(r.name, 2)' },
    ]),
    await prepare(servers, { ...second, owner: 'service', writes: secondWrites }, [
      { dataset: 'documents', table: 'cards', key: 'array[r.house, r.signature]', version: 'r.rev' },
      { dataset: 'devices', table: 'loggers', key: 'array[r.house, r.serial]', version: 'r.rev' },
    ]),
  ];
}

async function makePair(
  servers: ServerPair,
  databases: Readonly<Record<Side, keyof typeof templates>>,
  planOf: (urls: Record<Side, string>) => CutoverPlan,
) {
  for (const side of ['monolith', 'service'] as const) {
    const name = databases[side];
    await servers.query(side, 'postgres', `create database ${name}`);
    const folder = fileURLToPath(new URL(`../../../../../${templates[name]}`, import.meta.url));
    await migrate({ url: servers.url(side, name), folder });
  }
  const urls = {
    monolith: servers.url('monolith', databases.monolith),
    service: servers.url('service', databases.service),
  };
  return { plan: planOf(urls), databases };
}

async function prepare(servers: ServerPair, history: History, watched: readonly Watched[]): Promise<History> {
  const { plan, owner, databases, writes } = history;
  await servers.query(owner, databases[owner], writes.before);
  for (const side of ['monolith', 'service'] as const) await install(plan, side, { owner });
  const follower = otherSide(owner);
  const triggers = watched.map(
    ({ dataset, table, key, version }) =>
      `create trigger watch after insert or update or delete on ${table} for each row
         execute function public.watch('${dataset}', '${key}', '${version}')`,
  );
  await servers.query(follower, databases[follower], `${watchSql}; ${triggers.join('; ')}`);
  return history;
}
