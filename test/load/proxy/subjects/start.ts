import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { get } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endChild, startChild } from '../children.ts';
import { pin } from '../cores.ts';
import { treeOf } from '../load/usage.ts';
import type { Command, Subject } from './subject.ts';

export interface RunningSubject {
  readonly subject: Subject;
  readonly port: number;
  /** Of all its processes. */
  readonly pids: readonly number[];
  ended(): boolean;
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly upstreamPort: number;
  readonly core: string | undefined;
  /** Folder for CPU profiles of those that run on Node. */
  readonly profiles?: string | undefined;
}

const readyWithinMs = 15_000;

/** @throws Error with what the proxy said when it does not answer in time */
export async function startSubject(subject: Subject, options: StartOptions): Promise<RunningSubject> {
  const { upstreamPort, core, profiles } = options;
  if (subject.kind === 'none')
    return { subject, port: upstreamPort, pids: [], ended: () => false, stop: () => Promise.resolve() };
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'banyan-bench-'));
  const { file, args } = subject.command({ listen: port, upstream: upstreamPort }, folder);
  const child = startChild(file, profiled({ file, args }, profiles), {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-2_000)));
  const stop = async (): Promise<void> => {
    await endChild(child);
    rmSync(folder, { recursive: true, force: true });
  };
  let ended = false;
  child.once('exit', () => (ended = true));
  child.once('error', (error) => {
    ended = true;
    said = error.message;
  });
  const ready = await answers(port, () => ended);
  if (!ready || child.pid === undefined) {
    await stop();
    throw new Error(`${subject.name} did not start${said === '' ? '' : `: ${said.trim()}`}`);
  }
  const pids = treeOf(child.pid);
  if (core !== undefined) for (const pid of pids) pin(pid, core);
  return { subject, port, pids, ended: () => ended, stop };
}

function profiled({ file, args }: Command, folder: string | undefined): readonly string[] {
  const onNode = folder !== undefined && file === process.execPath;
  return onNode ? ['--cpu-prof', `--cpu-prof-dir=${folder}`, ...args] : args;
}

async function answers(port: number, ended: () => boolean): Promise<boolean> {
  for (const deadline = Date.now() + readyWithinMs; Date.now() < deadline && !ended(); await delay(25)) {
    const status = await new Promise<number | undefined>((resolve) => {
      get({ host: '127.0.0.1', port, path: '/items/00000000', agent: false, timeout: 1_000 }, (response) => {
        response.resume().once('close', () => resolve(response.statusCode));
      }).on('error', () => resolve(undefined));
    });
    if (status === 200) return true;
  }
  return false;
}

/** Below the range that outgoing connections take theirs from, which would be in the way a moment later. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 16_000 + Math.floor(Math.random() * 16_000);
    const server = createServer().listen(port, '127.0.0.1');
    const free = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!free) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
