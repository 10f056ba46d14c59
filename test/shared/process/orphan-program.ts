// A child that is slow to start: it listens for the end of its parent only when the parent has gone already.
import { setTimeout as delay } from 'node:timers/promises';
import { stopOnSignal } from '#shared/process/lifetime.ts';

// Without a listener the channel does not keep this process alive, so the wait has to.
while (process.connected) await delay(10);
stopOnSignal(async () => void process.stdout.write('stopped\n'));
// A process that serves does not end by itself.
setInterval(() => undefined, 1_000);
