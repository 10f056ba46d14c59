import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { expect, test } from '@jest/globals';
import { Deadlines } from '#proxy/http/deadlines.ts';
import type { FailureCode } from '#proxy/http/seam.ts';
import { UpstreamConnection, type LostRequest } from '#proxy/http/upstream-connection.ts';
import { parseAddress } from '#proxy/http/upstream-health.ts';
import type { Wire } from '#proxy/http/wire.ts';

type Done = (error?: Error) => void;

interface Lost {
  readonly code: FailureCode;
  readonly lost: LostRequest;
}

/** Sends a POST on a connection whose socket writes as told, perhaps after a request that went well. */
async function lose(options: {
  readonly served: boolean;
  readonly write: (done: Done) => void;
  readonly before?: (socket: Socket) => void;
}): Promise<Lost> {
  let writes = 0;
  const socket = new Duplex({
    read: () => {},
    write: (_chunk, _encoding, done: Done) => {
      writes += 1;
      if (options.served && writes === 1) done();
      else options.write(done);
    },
  }) as unknown as Socket;
  const wire: Wire = { socket, onChunk: () => {} };
  const connection = new UpstreamConnection(wire, parseAddress('http://127.0.0.1:1'), {
    deadlines: new Deadlines(),
    headerTimeoutMs: 1_000,
    bodyTimeoutMs: 1_000,
    free: () => {},
    gone: () => {},
    outcome: () => {},
  });
  const ask = (onUpstreamFailure: (code: FailureCode, lost: LostRequest) => void): void => {
    connection.begin(
      {
        onUpstreamFailure,
        onResponse: () => {},
        onResponseBody: () => {},
        onSwitch: () => {},
        onUpstreamDrain: () => {},
      },
      { toHead: false, expectsSwitch: false },
    );
    connection.send(
      'POST /a HTTP/1.1\r\nhost: a.example\r\ncontent-length: 2\r\n\r\n',
      Buffer.from('hi'),
      false,
      true,
    );
  };
  if (options.served) {
    ask(() => {});
    wire.onChunk(Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'));
  }
  options.before?.(socket);
  return await new Promise((resolve) => {
    ask((code, lost) => resolve({ code, lost }));
  });
}

const broken = Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' });
const atOnce = (done: Done): void => done(broken);
const later = (done: Done): void => void setImmediate(done, broken);

test.each([true, false])(
  'a write that fails at once never left (connection used before: %p)',
  async (served) => {
    expect(await lose({ served, write: atOnce })).toEqual({
      code: 'upstream-closed',
      lost: { neverLeft: true, stale: false },
    });
  },
);

test('a write to a socket that is already destroyed never left', async () => {
  const before = (socket: Socket): void => void socket.destroy();
  expect((await lose({ served: true, write: atOnce, before })).lost.neverLeft).toBe(true);
});

test.each([true, false])(
  'a write that fails later may have left in part (used before: %p)',
  async (served) => {
    expect((await lose({ served, write: later })).lost).toEqual({ neverLeft: false, stale: served });
  },
);
