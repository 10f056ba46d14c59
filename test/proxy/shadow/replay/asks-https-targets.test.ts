import { afterAll, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ShadowReport } from '#proxy/shadow/report/report.types.ts';
import { serve } from '#shared/http/serve.ts';
import { banyan } from '#test/support/cli.ts';
import { writeMigrationFiles } from '#test/support/migration-files.ts';
import { selfSigned } from '#test/support/raw-http/self-signed.ts';

const folder = mkdtempSync(join(tmpdir(), 'banyan-replay-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a target is asked by https as the configuration says, and compared by the proxy’s own comparer', async () => {
  const certificate = selfSigned('localhost');
  const tls = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
  writeFileSync(tls.certFile, certificate.cert);
  writeFileSync(tls.keyFile, certificate.key);
  const json = { 'content-type': 'application/json' };
  const old = await serve((_request, response) => response.writeHead(200, json).end('{"a":1,"b":2}'), {
    name: 'the old system',
    tls,
  });
  const fresh = await serve((_request, response) => response.writeHead(403, json).end('{"b":2,"a":3}'), {
    name: 'the new system',
  });
  const files = writeMigrationFiles({ old: old.url, new: fresh.url });
  const log = join(folder, 'access.log');
  writeFileSync(log, '1.1.1.1 - - [x] "GET /items/1 HTTP/1.1" 200 1\n');
  const replay = async (against: string) =>
    banyan('replay', log, '--against', 'old', '--against', against, '--json', '--config', files.config);
  const unknown = await replay('new');
  expect(JSON.parse(unknown.out)).toMatchObject({ routes: [{ coverage: { compared: 0 } }] });
  const config = readFileSync(files.config, 'utf8').replace(
    `old: { url: '${old.url}' }`,
    `old: { url: '${old.url}', tls: { caFile: '${tls.certFile}', servername: localhost } }`,
  );
  writeFileSync(files.config, config);
  const { routes, store } = JSON.parse((await replay('new')).out) as ShadowReport;
  expect(routes[0]?.findings.map(({ place, path }) => `${place} ${path}`)).toEqual(['status status']);
  expect(store.kind).toBe('replay');
  await old.close();
  await fresh.close();
  files.remove();
});

test('where both refuse, it says that only the refusal was compared', async () => {
  const refusing = await serve((_request, response) => response.writeHead(401).end(), { name: 'a system' });
  const files = writeMigrationFiles({ old: refusing.url, new: refusing.url });
  const log = join(folder, 'refused.log');
  writeFileSync(log, '1.1.1.1 - - [x] "GET /items/1 HTTP/1.1" 401 1\n'.repeat(3));
  const { error } = await banyan('replay', log, '--against', 'old', '--against', 'new', '-c', files.config);
  expect(error).toContain('3 answered 401 or 403 by both, so that only the refusal was compared');
  await refusing.close();
  files.remove();
});
