import type { Socket } from 'node:net';
import { ownAnswer } from './message-writer.ts';

const lingerMs = 1_000;
const maxLingering = 256;
let lingering = 0;

/**
 * Says why a connection is not taken, and closes it. It gets no parser and is gone within a second; when many such are
 * still open, the next are closed without a word, so that refusing costs no more than accepting.
 */
export function refuseConnection(socket: Socket): void {
  socket.on('error', () => {});
  if (lingering >= maxLingering) {
    socket.destroy();
    return;
  }
  lingering += 1;
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.on('close', () => {
    lingering -= 1;
    clearTimeout(timer);
  });
  socket.resume();
  socket.end(
    ownAnswer({
      failure: 'too-many-connections',
      detail: undefined,
      requestId: undefined,
      close: true,
      withoutBody: false,
    }),
    'latin1',
  );
}
