/** Both targets are the one upstream, each with a pool of its own. */
export function configText(options: {
  readonly listen: number;
  readonly upstream: number;
  /** Where the new side listens, if it is another one. */
  readonly other?: number;
  /** YAML for the migration's `shadow`; without it no copies are taken. */
  readonly shadow?: string;
}): string {
  const { listen, upstream, other = upstream, shadow = '{}' } = options;
  const off = options.shadow === undefined ? ', shadow: { off: true }' : '';
  const target = (port: number): string =>
    `{ url: 'http://127.0.0.1:${port}', maxConnections: 4096, maxWaiting: 4096 }`;
  return `version: 1
listen: { host: 127.0.0.1, port: ${listen} }
admin: { host: 127.0.0.1, port: 0 }
trustedProxies: [127.0.0.0/8]
targets:
  old: ${target(upstream)}
  new: ${target(other)}
defaultTarget: old
flags: { source: file, path: flags.json }
migrations:
  items:
    monolith: old
    service: new
    migrationFlag: items-stage
    killSwitch: items-kill
    shadow: ${shadow}
    routes:
      - { name: item-list, match: GET /items, key: { header: x-consumer-id }, readFlag: items-reads${off} }
      - { name: item-read, match: 'GET /items/:id', key: { path: id }, readFlag: items-reads${off} }
      - { name: item-write, match: 'POST /items/:id', key: { path: id }${off} }
`;
}

/**
 * Stage `shadow`, where the share decides.
 * @param weight thousandths of a percent of the keys that read from the new side
 */
export const flagTextOf = (weight: number): string =>
  JSON.stringify({
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
              { variation: 0, weight },
              { variation: 1, weight: 100_000 - weight },
            ],
          },
        },
      },
    },
  });

/** Half of the keys read from the new side. */
export const flagText = flagTextOf(50_000);
