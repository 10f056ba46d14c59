import { afterAll, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Agent, request } from 'undici';
import { readConfig } from '#proxy/config/read.ts';
import { startProxy } from '#proxy/control/proxy-process.ts';
import { serve } from '#shared/http/serve.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { writeMigrationFiles } from '#test/support/migration-files.ts';
import { selfSigned } from '#test/support/raw-http/self-signed.ts';

const folder = mkdtempSync(join(tmpdir(), 'banyan-tls-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('banyan.yaml alone makes both listeners and a target speak TLS', async () => {
  const certificate = selfSigned('localhost');
  const upstreamFiles = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
  writeFileSync(upstreamFiles.certFile, certificate.cert);
  writeFileSync(upstreamFiles.keyFile, certificate.key);
  const upstream = await serve((_request, response) => response.end('from behind'), {
    name: 'the upstream',
    tls: upstreamFiles,
  });

  const files = writeMigrationFiles({ old: upstream.url });
  for (const name of ['cert.pem', 'key.pem']) {
    writeFileSync(join(dirname(files.config), name), readFileSync(join(folder, name)));
  }
  const tls = 'tls: { certFile: cert.pem, keyFile: key.pem }';
  const yaml = readFileSync(files.config, 'utf8')
    .replace('listen: { port: 0 }', `listen: { port: 0, ${tls} }`)
    .replace('admin: { port: 0 }', `admin: { port: 0, ${tls} }`)
    .replace(
      `old: { url: '${upstream.url}' }`,
      `old: { url: '${upstream.url}', tls: { caFile: cert.pem, servername: localhost } }`,
    );
  writeFileSync(files.config, yaml);

  const proxy = await startProxy(readConfig(files.config, {}), createLog({ name: 'test', level: 'silent' }));
  const agent = new Agent({ connect: { ca: certificate.cert, servername: 'localhost' } });
  const answer = await request(`https://127.0.0.1:${proxy.listen.port}/x`, { dispatcher: agent });
  expect([answer.statusCode, await answer.body.text()]).toEqual([200, 'from behind']);
  const ready = await request(`https://127.0.0.1:${proxy.admin.port}/readyz`, { dispatcher: agent });
  expect(ready.statusCode).toBe(200);
  await ready.body.dump();
  await agent.close();
  await proxy.stop();
  await upstream.close();
  files.remove();
});
