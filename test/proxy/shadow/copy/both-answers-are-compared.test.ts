import { expect, test } from '@jest/globals';
import { answer, get, withCopies } from './copied-traffic.ts';

test('what is the same is counted, what differs is found by the comparing thread', async () => {
  const script = (side: string) => (request: { target: string }) =>
    answer(request.target === '/items/7' ? side : 'alike');
  await withCopies({ old: { script: script('old') }, fresh: { script: script('new') } }, async (traffic) => {
    for (let id = 1; id <= 10; id += 1) await traffic.ask(get(id));
    const totals = await traffic.until(({ compared }) => compared === 10);
    expect(totals).toMatchObject({ eligible: 10, same: 9, different: 1, skipped: {} });
    expect(totals.findings).toMatchObject([{ route: 'item-read', primarySide: 'monolith', place: 'body' }]);
  });
});

test('a copy is marked, has an id of its own and the trace of the request; the request itself has no mark', async () => {
  await withCopies({}, async (traffic) => {
    const trace = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    await traffic.ask(get(1, `traceparent: ${trace}\r\nBanyan-Shadow: 1\r\nBanyan-Other: x\r\n`));
    await traffic.fresh.until(({ requests }) => requests.length === 1);
    const [first] = traffic.old.requests;
    const [copy] = traffic.fresh.requests;
    expect(first?.headers.filter(([name]) => name.toLowerCase().startsWith('banyan-'))).toEqual([]);
    expect(copy?.headers.filter(([name]) => name.toLowerCase().startsWith('banyan-'))).toEqual([
      ['banyan-shadow', '1'],
    ]);
    expect(copy?.all('traceparent')).toEqual([trace]);
    expect(copy?.all('x-request-id')).toEqual([`${first?.all('x-request-id')[0]}-shadow`]);
  });
});

test('a noise sample goes twice to the side that answered', async () => {
  await withCopies({ shadow: '{ noise: 100 }' }, async (traffic) => {
    await traffic.ask(get(1));
    expect(await traffic.until(({ compared }) => compared === 1)).toMatchObject({ same: 1, noiseSamples: 1 });
    expect(traffic.old.requests.map((request) => request.all('banyan-shadow'))).toEqual([[], ['1']]);
  });
});

test('a write is not copied; a look-up by POST only where its route says so, with its body', async () => {
  const find = 'POST /items/find HTTP/1.1\r\nContent-Length: 5\r\n\r\nwhich';
  await withCopies({}, async (traffic) => {
    await traffic.ask('PUT /items/1 HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi');
    await traffic.ask(find);
    const totals = await traffic.until(({ eligible }) => eligible === 1);
    expect(totals.skipped).toEqual({ 'unsafe-method': 1 });
    expect(traffic.fresh.requests).toEqual([]);
  });
  const routes =
    "      - { name: part-find, match: 'POST /parts/find', kind: read, shadow: { unsafe: true } }\n";
  await withCopies({ routes, shadow: '{ noise: 100 }' }, async (traffic) => {
    await traffic.ask(find.replace('/items', '/parts'));
    expect(await traffic.until(({ compared }) => compared === 1)).toMatchObject({ same: 1, noiseSamples: 0 });
    expect(traffic.fresh.requests.map(({ body }) => body)).toEqual(['which']);
    expect(traffic.old.requests).toHaveLength(1);
  });
});

test('what the client has already cannot be compared; else the copy asks for the whole', async () => {
  const script = (request: { all: (name: string) => string[] }): string =>
    request.all('if-none-match')[0] === '"1"'
      ? 'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\n\r\n'
      : answer('whole');
  await withCopies({ old: { script }, fresh: { script } }, async (traffic) => {
    await traffic.ask(get(1, 'If-None-Match: "1"\r\n'));
    await traffic.ask(get(1, 'If-None-Match: "2"\r\n'));
    const totals = await traffic.until(({ eligible }) => eligible === 2);
    expect(totals).toMatchObject({ same: 1, skipped: { conditional: 1 } });
    expect(traffic.fresh.requests.map((request) => request.all('if-none-match'))).toEqual([[]]);
  });
});
