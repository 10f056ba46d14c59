import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer, type TLSSocket } from 'node:tls';
import { afterAll, expect, test } from '@jest/globals';
import { rawClient } from '#test/support/raw-http/raw-client.ts';
import { startUpstream } from '#test/support/raw-http/recording-upstream.ts';
import { selfSigned, type Certificate } from '#test/support/raw-http/self-signed.ts';
import { testUpstream, withProxy } from '#test/support/raw-http/with-proxy.ts';

const folder = mkdtempSync(join(tmpdir(), 'banyan-tls-'));
const files = { certFile: join(folder, 'cert.pem'), keyFile: join(folder, 'key.pem') };
afterAll(() => rmSync(folder, { recursive: true }));

function install(certificate: Certificate): void {
  writeFileSync(files.keyFile, certificate.key);
  writeFileSync(files.certFile, certificate.cert);
}

async function connectTls(port: number): Promise<TLSSocket> {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', rejectUnauthorized: false });
  await once(socket, 'secureConnect');
  return socket;
}

const get = 'GET /a HTTP/1.1\r\nHost: a.example\r\n\r\n';

test('a TLS listener takes a new certificate without a restart and without touching open connections', async () => {
  install(selfSigned('first'));
  const problems: Error[] = [];
  const tls = { ...files, reloadEveryMs: 20, onReloadError: (error: Error) => problems.push(error) };
  await withProxy({ plane: { tls } }, async (proxy) => {
    const open = await connectTls(proxy.plane.port);
    expect(open.getPeerCertificate().subject.CN).toBe('first');
    const client = rawClient(open);
    client.send(get);
    expect((await client.response()).body).toBe('GET /a ');
    expect(proxy.upstream.requests[0]?.all('x-forwarded-proto')).toEqual(['https']);

    writeFileSync(files.certFile, 'broken');
    while (problems.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    install(selfSigned('second'));
    let name: unknown = 'first';
    while (name === 'first') {
      const probe = await connectTls(proxy.plane.port);
      name = probe.getPeerCertificate().subject.CN;
      probe.destroy();
    }
    expect(name).toBe('second');
    client.send(get);
    expect((await client.response()).body).toBe('GET /a ');
    open.destroy();
  });
});

test('files that are no certificate stop the start', async () => {
  install({ cert: 'no', key: 'no' });
  await expect(withProxy({ plane: { tls: files } }, async () => {})).rejects.toThrow(
    /PEM|key|no start line/i,
  );
});

test('an upstream by TLS is verified', async () => {
  const { cert, key } = selfSigned('upstream');
  const upstream = await startUpstream({}, ((listener: (socket: TLSSocket) => void) => {
    return createServer({ cert, key }, listener);
  }) as never);
  try {
    const url = `https://localhost:${upstream.port}`;
    const upstreams = { main: { ...testUpstream, url, tls: { ca: cert } } };
    await withProxy({ plane: { upstreams } }, async (proxy) => {
      const large = 'x'.repeat(300_000);
      expect((await proxy.ask(get)).body).toBe('GET /a ');
      const answer = await proxy.ask(
        `POST /b HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${large.length}\r\n\r\n${large}`,
      );
      expect(answer.body).toBe(`POST /b ${large}`);
    });
    const unknown = { main: { ...testUpstream, url } };
    await withProxy({ plane: { upstreams: unknown } }, async (proxy) => {
      expect((await proxy.ask(get)).status).toBe(502);
      expect(upstream.requests).toHaveLength(2);
    });
  } finally {
    await upstream.close();
  }
});
