import { afterEach, expect, test } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { reloadProxy } from '#sample/release/reload-proxy.ts';

const children: ChildProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
});

function worker(): { readonly pid: number; end(): Promise<void> } {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  children.push(child);
  return {
    pid: child.pid ?? 0,
    async end() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}

const statusOf = (...workers: { readonly pid: number }[]) => ({ workers }) as never;
const { signal } = new AbortController();

test('it is through when the last of the workers from before has ended, not when its successor answers', async () => {
  const [old, next] = [worker(), worker()];
  let [hups, oldIsGone] = [0, false];
  const reloading = reloadProxy({
    hup: () => {
      hups += 1;
      // It answers no more, and finishes what it had.
      setTimeout(() => void old.end().then(() => (oldIsGone = true)), 150);
    },
    status: async () => statusOf(hups === 0 ? old : next),
    signal,
  });
  await reloading;
  expect([hups, oldIsGone]).toEqual([1, true]);
});

test('a proxy that goes on as before is told', async () => {
  const old = worker();
  const asked = reloadProxy({
    hup: () => undefined,
    status: async () => statusOf(old),
    signal,
    withinMs: 100,
  });
  await expect(asked).rejects.toThrow('the proxy did not take its new configuration within 0.1 s');
});

test('a proxy that does not answer is not asked', async () => {
  const hup = (): never => {
    throw new Error('asked');
  };
  await expect(reloadProxy({ hup, status: async () => undefined, signal })).rejects.toThrow(
    'the proxy does not answer',
  );
});

test('an abort ends the waiting', async () => {
  const old = worker();
  const abort = new AbortController();
  const asked = reloadProxy({
    hup: () => abort.abort(),
    status: async () => statusOf(old),
    signal: abort.signal,
  });
  await expect(asked).rejects.toThrow(/abort/);
});
