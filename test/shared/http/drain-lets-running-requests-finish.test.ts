import { expect, test } from '@jest/globals';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage, type ServerResponse } from 'node:http';
import { serve } from '#shared/http/serve.ts';

const agent = new Agent({ keepAlive: true, maxSockets: 10 });

// Node itself ends an idle connection after 5 s: who waits for that is too late.
const beforeNodeWouldMs = 4_000;

async function begun(): Promise<{
  served: Awaited<ReturnType<typeof serve>>;
  running: ServerResponse;
  answer: Promise<IncomingMessage>;
}> {
  const came = Promise.withResolvers<ServerResponse>();
  const served = await serve((_request, response) => came.resolve(response), { name: 'the test' });
  const answer = once(get(served.url, { agent }), 'response').then(
    ([response]) => response as IncomingMessage,
  );
  return { served, running: await came.promise, answer };
}

async function textOf(response: IncomingMessage): Promise<string> {
  return Buffer.concat(await response.toArray()).toString();
}

test('one that had begun is answered with Connection: close, and its connection is not waited for', async () => {
  const { served, running, answer } = await begun();
  const closed = served.close();
  running.end('done');
  const response = await answer;
  expect([response.headers.connection, await textOf(response)]).toEqual(['close', 'done']);
  await closed;
});

async function headWasOut(): Promise<void> {
  const { served, running, answer } = await begun();
  running.writeHead(200, { 'content-length': 4 });
  running.write('do');
  const response = await answer;
  const closed = served.close();
  running.end('ne');
  expect(await textOf(response)).toBe('done');
  await closed;
}

test('one whose head was out ends too, and its kept-alive connection with it', headWasOut, beforeNodeWouldMs);

test('what does not finish within the bound is cut', async () => {
  const { served, answer } = await begun();
  const cut = expect(answer).rejects.toThrow('socket hang up');
  await served.close(20);
  await cut;
});
