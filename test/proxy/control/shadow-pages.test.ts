import { afterEach, expect, test } from '@jest/globals';
import { readConfig } from '#proxy/config/read.ts';
import { serveAdmin } from '#proxy/control/admin.ts';
import { hostile, richStore } from '#test/proxy/shadow/report/rich-report.ts';
import type { ShadowReport } from '#proxy/shadow/report/report.types.ts';
import { stateAway, type ShadowStore } from '#proxy/shadow/report/store.types.ts';
import type { Served } from '#shared/http/serve.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { writeMigrationFiles } from '#test/support/migration-files.ts';

const token = 'a-token-of-some-length';
let served: Served | undefined;
afterEach(async () => {
  await served?.close(0);
  served = undefined;
});

async function ask(path: string, store: ShadowStore = richStore(), given = token): Promise<Response> {
  const files = writeMigrationFiles();
  const config = readConfig(files.config, {});
  files.remove();
  served ??= await serveAdmin({
    host: '127.0.0.1',
    port: 0,
    token,
    notReady: () => undefined,
    status: async () => undefined,
    shadow: { store, config },
    log: createLog({ name: 'test', level: 'silent' }),
  });
  return fetch(`${served.url}${path}`, { headers: { authorization: `Bearer ${given}` } });
}

test('none of the pages opens without the token', async () => {
  for (const path of [
    '/shadow/report',
    '/shadow/report.html',
    '/shadow/findings.ndjson',
    '/shadow/findings/x',
  ])
    expect((await ask(path, undefined, 'wrong-token-wrong')).status).toBe(401);
});

test('the report is JSON, and a query narrows it', async () => {
  const report = (await (await ask('/shadow/report')).json()) as ShadowReport;
  expect(report.routes.map(({ route }) => route)).toEqual(['item-list', 'item-read', 'item-write']);
  const one = (await (await ask('/shadow/report?route=item-read')).json()) as ShadowReport;
  expect(one.routes).toHaveLength(1);
  expect(one.routes[0]?.coverage).toMatchObject({ eligible: 13_536, compared: 12_345 });
});

test.each(['/shadow/report?since=yesterday', '/shadow/report?since=9999-01-01', '/shadow/report?rout=x'])(
  'a wrong query is told: %s',
  async (path) => {
    const answer = await ask(path);
    expect([answer.status, await answer.json()]).toMatchObject([400, { code: 'wrong-query' }]);
  },
);

test('the page runs and fetches nothing, and shows hostile text as text', async () => {
  const answer = await ask('/shadow/report.html');
  expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(answer.headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
  );
  const page = await answer.text();
  expect(page).not.toContain(hostile);
  expect(page).not.toContain('<script');
  expect(page).toContain('&lt;script&gt;alert(&#39;1&#39;)');
  expect(page.match(/<style>/g)).toHaveLength(1);
  expect(page).not.toMatch(/\b(?:src|href)="(?!#)/);
});

test('the export has every finding, one JSON object a line', async () => {
  const lines = (await (await ask('/shadow/findings.ndjson')).text()).trimEnd().split('\n');
  expect(lines).toHaveLength(5);
  expect(lines.map((line) => (JSON.parse(line) as { path: string }).path)).toContain(hostile);
});

test('one finding comes with commands for both sides and a rule', async () => {
  const [, read] = ((await (await ask('/shadow/report')).json()) as ShadowReport).routes;
  const id = read?.findings.find(({ path }) => path.endsWith('price.amount'))?.id ?? '';
  const page = (await (await ask(`/shadow/findings/${id}`)).json()) as { replay: string; rule: string };
  expect(page.replay).toContain("'http://127.0.0.1:1/items/17?token=MASKED&view=full'");
  expect(page.replay).toContain("'http://127.0.0.1:2/items/17");
  expect(page.rule).toContain('expect: true');
  expect((await ask('/shadow/findings/0123456789abcdef')).status).toBe(404);
  expect((await ask('/shadow/findings/..%2fstatus')).status).toBe(404);
});

test('a state database that is away is 503, on the streamed page as well', async () => {
  const away = async (): Promise<never> => {
    throw stateAway('The state database cannot be asked: gone');
  };
  const store: ShadowStore = {
    ...richStore(),
    report: away,
    findings: () => ({ [Symbol.asyncIterator]: () => ({ next: away }) }),
  };
  for (const path of ['/shadow/report', '/shadow/findings.ndjson']) {
    const answer = await ask(path, store);
    expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'state-away' }]);
  }
});
