import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@jest/globals';
import { acceptWire, writeLent } from '#proxy/http/wire.ts';

/** Keeps the very buffers that it is given, and is done with none of them until it is told. */
function holdingSocket(): { readonly socket: Socket; readonly held: Buffer[]; finish(): void } {
  const held: Buffer[] = [];
  const waiting: (() => void)[] = [];
  let finished = false;
  const socket = new Writable({
    highWaterMark: 100_000_000,
    write(chunk: Buffer, _encoding, done) {
      held.push(chunk);
      if (finished) done();
      else waiting.push(done);
    },
  }) as unknown as Socket;
  const finish = (): void => {
    finished = true;
    for (const done of waiting.splice(0)) done();
  };
  return { socket, held, finish };
}

test.each([
  { name: 'reads that stay large, in a buffer of their own', sizes: [200_000, 40_000, 40_000, 30_000] },
  { name: 'small reads, in the shared buffer', sizes: [10_000, 9_000, 12_000] },
  { name: 'large, small and large again', sizes: [150_000, 9_000, 150_000, 10_000, 20_000] },
])('a write that still waits keeps its bytes while others are read: $name', async ({ sizes }) => {
  const server = createServer({ pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const sender = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [accepted] = (await once(server, 'connection')) as [Socket];
  const wire = acceptWire(accepted);
  const target = holdingSocket();
  let received = 0;
  let afterwards = (): void => {};
  wire.onChunk = (chunk) => {
    received += chunk.length;
    writeLent(target.socket, '', chunk, '');
    afterwards();
  };
  let expected = '';
  for (const [index, size] of sizes.entries()) {
    const letter = String.fromCharCode(97 + index);
    expected += letter.repeat(size);
    sender.write(letter.repeat(size));
    while (received < expected.length) await new Promise<void>((resolve) => (afterwards = resolve));
    await delay(5);
  }
  target.finish();
  await delay(5);
  sender.destroy();
  wire.socket.destroy();
  server.close();
  await once(wire.socket, 'close');
  expect(Buffer.concat(target.held).toString('latin1') === expected).toBe(true);
});
