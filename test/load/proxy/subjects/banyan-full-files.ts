/** Both targets are the one upstream, each with a pool of its own. */
export function configText({ listen, upstream }: { listen: number; upstream: number }): string {
  const target = `{ url: 'http://127.0.0.1:${upstream}', maxConnections: 4096, maxWaiting: 4096 }`;
  return `version: 1
listen: { host: 127.0.0.1, port: ${listen} }
admin: { host: 127.0.0.1, port: 0 }
trustedProxies: [127.0.0.0/8]
targets:
  old: ${target}
  new: ${target}
defaultTarget: old
flags: { source: file, path: flags.json }
migrations:
  items:
    monolith: old
    service: new
    migrationFlag: items-stage
    killSwitch: items-kill
    routes:
      - { name: item-list, match: GET /items, key: { header: x-consumer-id }, readFlag: items-reads }
      - { name: item-read, match: 'GET /items/:id', key: { path: id }, readFlag: items-reads }
      - { name: item-write, match: 'POST /items/:id', key: { path: id } }
`;
}

const half = 50_000;

/** Stage `shadow`, where the share decides: half of the keys read from the new side. */
export const flagText = JSON.stringify({
  flags: {
    'items-stage': {
      on: true,
      variations: ['off', 'dualwrite', 'shadow', 'live', 'rampdown', 'complete'],
      offVariation: 0,
      fallthrough: { variation: 2 },
    },
    'items-kill': { on: false, variations: [true, false], offVariation: 1, fallthrough: { variation: 1 } },
    'items-reads': {
      on: true,
      variations: [true, false],
      offVariation: 1,
      salt: 'items',
      fallthrough: {
        rollout: {
          contextKind: 'routing-key',
          variations: [
            { variation: 0, weight: half },
            { variation: 1, weight: half },
          ],
        },
      },
    },
  },
});
