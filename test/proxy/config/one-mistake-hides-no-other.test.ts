import { expect, test } from '@jest/globals';
import { parseConfig, type ConfigError } from '#proxy/config/read.ts';

// Regression: what lies between fields (names that point nowhere, doubled names, a key that is no parameter) was not
// looked at while any one field was malformed, so it came only after the first round of mending.

function problemsOf(text: string): string[] {
  try {
    parseConfig(text, { file: 'banyan.yaml', environment: {} });
  } catch (error) {
    return (error as ConfigError).problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

const head = `
version: 1
targets:
  old: { url: 'http://127.0.0.1:1' }
  new: { url: 'http://127.0.0.1:2' }
flags: { source: file, path: flags.json }
`;

function text(more: string, routes: readonly string[] = ["{ name: read, match: 'GET /items/:id' }"]): string {
  return `${head}${more}
migrations:
  domain:
    monolith: old
    service: new
    migrationFlag: stage
    killSwitch: kill
    routes:
${routes.map((route) => `      - ${route}`).join('\n')}
`;
}

test('what is wrong between fields comes with what is wrong in one', () => {
  const problems = problemsOf(
    text('defaultTarget: odl\nlimits: { maxBodyBytes: 10 }\nadmin: { host: 0.0.0.0, port: 8080 }', [
      "{ name: read, match: 'GET /items/:id', kind: peruse }",
      "{ name: read, match: 'GET /items/:other', key: { path: id }, readFlag: kill }",
      "{ name: Write, match: 'PUT /items/:id', key: { path: no } }",
    ]),
  );
  expect(problems.map((problem) => problem.split(':')[0])).toEqual([
    'defaultTarget',
    'limits.maxBodyBytes',
    'admin.host',
    'migrations.domain.routes.0.kind',
    'migrations.domain.routes.1.name',
    'migrations.domain.routes.1.match',
    'migrations.domain.routes.1.key.path',
    'migrations.domain.routes.1.readFlag',
    'migrations.domain.routes.2.name',
    'migrations.domain.routes.2.key.path',
  ]);
});

test.each<[string, string, string]>([
  ['a token that is malformed', 'admin: { host: 0.0.0.0, token: short }', 'admin.token'],
  ['a listener that is no mapping', 'listen: 8081', 'listen'],
  ['a port that is malformed', 'listen: { port: many }\nadmin: { port: many }', 'listen.port admin.port'],
  ['targets that are none', 'targets: 5', 'targets'],
  ['a default target that is no name', 'defaultTarget: [old]', 'defaultTarget'],
])('%s is told alone: nothing is made of what it might have been', (_name, change, paths) => {
  const field = `${change.split(':')[0]}`;
  const sound = text('defaultTarget: old\n')
    .replace(/^defaultTarget.*$/m, field === 'defaultTarget' ? '' : 'defaultTarget: old')
    .replace(/^targets:[\s\S]*?(?=^flags)/m, (block) => (field === 'targets' ? '' : block));
  expect(problemsOf(`${sound}${change}\n`).map((problem) => problem.split(':')[0])).toEqual(paths.split(' '));
});

test.each([
  "{ name: r, match: 'GTE /items/:id', key: { path: id }, readFlag: reads }",
  "{ name: r, match: 'PUT /items/:id', kind: peruse, key: { path: id }, readFlag: reads }",
  "{ name: r, match: 'GET /items/:id', key: { query: id }, readFlag: reads }",
  "{ name: r, match: 'GET /items/:id', key: { path: id }, readFlag: 'a b' }",
])('a malformed field of a route is one problem: %s', (route) => {
  expect(problemsOf(text('defaultTarget: old', [route]))).toHaveLength(1);
});

test('routes and migrations of any shape are told, not fallen over', () => {
  for (const odd of ['5', '[]', '[5, null]', '{ a: 1 }']) {
    const problems = problemsOf(text('defaultTarget: odl').replace(/routes:[\s\S]*/, `routes: ${odd}`));
    expect(problems.length).toBeGreaterThan(1);
    expect(problems).toContain('defaultTarget: is no target; targets are: old, new');
    expect(problemsOf(`${head}defaultTarget: odl\nmigrations: ${odd}\n`).length).toBeGreaterThan(0);
  }
});
