import { expect, test } from '@jest/globals';
import { parseConfig, type ConfigError } from '#proxy/config/read.ts';
import type { Config } from '#proxy/config/schema.ts';

const parse = (options: { shadow?: string; route?: string; bounds?: string }): Config =>
  parseConfig(
    `version: 1
targets: { old: { url: 'http://127.0.0.1:1' }, new: { url: 'http://127.0.0.1:2' } }
defaultTarget: old
flags: { source: file, path: flags.json }
shadow: ${options.bounds ?? '{}'}
migrations:
  domain:
    monolith: old
    service: new
    migrationFlag: domain-stage
    shadow: ${options.shadow ?? '{}'}
    routes:
      - ${options.route ?? "{ name: read, match: 'GET /items/:id' }"}
`,
    { file: 'banyan.yaml', environment: { TOKEN: 'from the environment\r\nx: y' } },
  );

function problemsOf(options: Parameters<typeof parse>[0]): string {
  try {
    parse(options);
  } catch (error) {
    return (error as ConfigError).message;
  }
  return '';
}

test('every field has a default', () => {
  const config = parse({});
  expect(config.shadow).toMatchObject({ queue: 1_000, maxBodyBytes: 262_144, memory: 67_108_864 });
  expect(config.migrations['domain']?.shadow).toMatchObject({
    share: 100,
    noise: 5,
    lag: 1_000,
    rate: 500,
    timeout: 5_000,
    maxConnections: 64,
    credentials: { monolith: 'forward', service: 'forward' },
  });
});

test.each([
  { shadow: '{ share: 101 }', told: 'at most 100' },
  { shadow: '{ rate: 0 }', told: 'from 1 to 1000000' },
  {
    shadow: '{ credentials: { service: { replace: { Content-Length: 5 } } } }',
    told: 'must be forward, drop',
  },
  {
    shadow: "{ credentials: { service: { replace: { Content-Length: '5' } } } }",
    told: 'no header that frames',
  },
  { bounds: '{ maxBodyBytes: 1GiB }', told: 'at most 16MiB' },
  { route: "{ name: a, match: 'GET /ws', websocket: true, shadow: { share: 5 } }", told: '{ off: true }' },
  { route: "{ name: a, match: 'POST /a', shadow: { share: 5 } }", told: 'unsafe: true' },
  { route: "{ name: a, match: 'GET /a', shadow: { unsafe: true } }", told: 'which is safe; drop it' },
])('$shadow$bounds$route is told with its remedy', ({ told, ...options }) => {
  expect(problemsOf(options)).toContain(told);
});

test('a header value from the environment holds no line break, and is never shown', () => {
  const told = problemsOf({
    shadow: "{ credentials: { service: { replace: { authorization: '${TOKEN}' } } } }",
  });
  expect(told).toContain('no line break');
  expect(told).not.toContain('from the environment');
  const written = "{ credentials: { service: { replace: { authorization: 'hunter2\\x01' } } } }";
  expect(problemsOf({ shadow: written })).not.toContain('hunter2');
});
