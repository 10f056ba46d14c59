import type { Side } from '#flags/stages.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';

/** At `shadow` the monolith writes, where no command says otherwise, and half of the keys are read from the service. */
export const fleetFlags = {
  flags: {
    'things-stage': {
      on: true,
      variations: ['off', 'dualwrite', 'shadow', 'live', 'rampdown', 'complete'],
      offVariation: 0,
      fallthrough: { variation: 2 },
    },
    'things-reads': {
      on: true,
      variations: [true, false],
      offVariation: 1,
      salt: 'things',
      fallthrough: {
        rollout: {
          contextKind: 'routing-key',
          variations: [
            { variation: 0, weight: 50_000 },
            { variation: 1, weight: 50_000 },
          ],
        },
      },
    },
  },
};

export function fleetConfig(options: {
  readonly plan: CutoverPlan;
  readonly port: number;
  /** Ports of the two systems. */
  readonly systems: Readonly<Record<Side, number>>;
}) {
  const { plan, port, systems } = options;
  const table = { table: 'items', key: ['id'], partitionKey: ['id'] };
  const columns = ['id', 'value'].map((name) => ({ monolith: name, service: name }));
  const route = (method: string) => ({
    name: `item-${method.toLowerCase()}`,
    match: `${method} /items/:id`,
    key: { path: 'id' },
    ...(method === 'GET' ? { readFlag: 'things-reads' } : {}),
  });
  return {
    version: 1,
    listen: { port },
    admin: { port: 0 },
    log: { level: 'silent' },
    targets: {
      old: { url: `http://127.0.0.1:${systems.monolith}` },
      new: { url: `http://127.0.0.1:${systems.service}` },
    },
    defaultTarget: 'old',
    flags: { source: 'file', path: 'flags.json' },
    ownership: { versionSecret: 'a secret of this history alone' },
    migrations: {
      things: {
        monolith: 'old',
        service: 'new',
        migrationFlag: 'things-stage',
        routes: ['GET', 'PUT', 'POST', 'DELETE'].map((method) => route(method)),
        data: {
          ...plan.databases,
          groups: {
            things: { buckets: 256, datasets: { items: { monolith: table, service: table, columns } } },
          },
        },
      },
    },
  };
}
