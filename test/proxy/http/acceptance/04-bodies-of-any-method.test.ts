import { expect, test } from '@jest/globals';
import { expectForwarded } from '#test/support/raw-http/oracle.ts';
import { withProxy } from '#test/support/raw-http/with-proxy.ts';

const inner = 'GET /smuggled HTTP/1.1\r\nHost: a.example\r\n\r\n';
const methods = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'PROPFIND', 'QUERY'];

test.each(methods)('a chunked %s keeps its framing (CVE-2026-29057)', async (method) => {
  const size = inner.length.toString(16);
  const bytes = `${method} /a HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n${size}\r\n${inner}\r\n0\r\n\r\n`;
  await expectForwarded({ name: method, bytes }, { method, target: '/a', body: inner, chunked: true });
});

test.each(methods)('a %s with Content-Length keeps its framing', async (method) => {
  const bytes = `${method} /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`;
  await expectForwarded({ name: method, bytes }, { method, target: '/a', body: inner, chunked: false });
});

test.each(methods)('a %s without a body gets none', async (method) => {
  const bytes = `${method} /a HTTP/1.1\r\nHost: a.example\r\n\r\n`;
  await expectForwarded({ name: method, bytes }, { method, target: '/a', body: '' });
});

test('an empty body keeps how it was framed', async () => {
  await withProxy({}, async (proxy) => {
    await proxy.ask('POST /a HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\n\r\n');
    await proxy.ask('POST /b HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n');
    const [first, second] = proxy.upstream.requests;
    expect(first?.all('content-length')).toEqual(['0']);
    expect(first?.all('transfer-encoding')).toEqual([]);
    expect(second?.all('content-length')).toEqual([]);
    expect(second?.all('transfer-encoding')).toEqual(['chunked']);
  });
});
