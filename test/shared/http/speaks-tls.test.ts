import { afterAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Agent, request } from 'undici';
import { serve } from '#shared/http/serve.ts';
import { selfSigned, type Certificate } from '#test/support/raw-http/self-signed.ts';

const folder = mkdtempSync(join(tmpdir(), 'banyan-serve-tls-'));
const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
afterAll(() => rmSync(folder, { recursive: true }));

function install({ cert, key }: Certificate): void {
  writeFileSync(files.keyFile, key);
  writeFileSync(files.certFile, cert);
}

async function statusWith(url: string, ca: string): Promise<number | string> {
  const agent = new Agent({ connect: { ca, servername: 'localhost' } });
  try {
    const { statusCode, body } = await request(url, { dispatcher: agent });
    await body.dump();
    return statusCode;
  } catch (error) {
    return (error as { code?: string }).code ?? 'failed';
  } finally {
    await agent.close();
  }
}

test('an HTTPS listener follows its certificate files; a broken one leaves the last good in force', async () => {
  const [first, second] = [selfSigned('first'), selfSigned('second')];
  install(first);
  const problems: Error[] = [];
  const tls = { ...files, reloadEveryMs: 20, onReloadError: (error: Error) => problems.push(error) };
  const served = await serve((_request, response) => response.end(), { name: 'the test', tls });
  expect(served.url).toMatch(/^https:/);
  expect(await statusWith(served.url, first.cert)).toBe(200);

  writeFileSync(files.certFile, 'broken');
  while (problems.length === 0) await delay(5);
  expect(await statusWith(served.url, first.cert)).toBe(200);

  install(second);
  while ((await statusWith(served.url, second.cert)) !== 200) await delay(5);
  expect(await statusWith(served.url, first.cert)).not.toBe(200);
  await served.close();
});

test('a certificate that is not there stops the start', async () => {
  const tls = { certFile: join(folder, 'none.pem'), keyFile: files.keyFile };
  await expect(serve(() => undefined, { name: 'the test', tls })).rejects.toThrow(/none\.pem/);
});
