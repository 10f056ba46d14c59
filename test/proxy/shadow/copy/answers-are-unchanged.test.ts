import { expect, test } from '@jest/globals';
import type { Socket } from 'node:net';
import { asyncProperty, assert } from 'fast-check';
import { validResponses } from '#test/support/raw-http/generated-messages.ts';
import { parseMessage } from '#test/support/raw-http/strict-parser.ts';
import { get, withCopies } from './copied-traffic.ts';

/** How a body is cut into chunks follows from how its bytes arrive, which is not ours. */
function seenOf(answer: string): unknown {
  const parsed = parseMessage(answer, { kind: 'response', toMethod: 'GET', ended: true });
  if (parsed.kind !== 'message' || !parsed.message.chunked) return answer;
  const { startLine, headers, body } = parsed.message;
  return { startLine, headers, body, rest: parsed.rest };
}

test('answers are byte for byte the same with and without copies', async () => {
  let next = { bytes: '', closes: false };
  const script =
    () =>
    ({ socket }: { readonly socket: Socket }) => {
      socket.write(Buffer.from(next.bytes, 'latin1'));
      if (next.closes) socket.end();
    };
  const off = "      - { name: plain, match: 'GET /plain/:id', shadow: { off: true } }\n";
  await withCopies(
    { old: { script }, routes: off, shadow: '{ noise: 0, rate: 1000000 }' },
    async (traffic) => {
      await assert(
        asyncProperty(validResponses, async (response) => {
          next = response.answer('GET');
          const copied = await traffic.ask(get(1));
          const plain = await traffic.ask('GET /plain/1 HTTP/1.1\r\n\r\n');
          expect(seenOf(copied)).toEqual(seenOf(plain));
        }),
        { numRuns: 60 },
      );
      expect((await traffic.until(({ eligible }) => eligible > 0)).eligible).toBeGreaterThan(0);
    },
  );
});
