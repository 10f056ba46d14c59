import { spawn } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  evaluateNow,
  fileData,
  openFile,
  stageData,
  testFolder,
  until,
  type TestFolder,
} from './flag-files.ts';

describe('flags from a file', () => {
  let files: TestFolder;

  beforeEach(() => {
    files = testFolder();
    files.write(fileData());
  });

  afterEach(() => files.remove());

  it('never call out: not to open, to evaluate, to change or to close', async () => {
    const calls: unknown[] = [];
    const note = (message: unknown): void => void calls.push(message);
    const channels = ['net.client.socket', 'http.client.request.start', 'undici:request:create'];
    for (const channel of channels) subscribe(channel, note);
    const flags = await openFile(files.path);
    evaluateNow(flags, '42');
    files.write(fileData({ stage: stageData('live') }));
    await until(flags, ({ version }) => version === 2);
    await flags.close();
    expect(calls).toEqual([]);
    // The channels tell of calls indeed.
    const socket = connect({ host: '127.0.0.1', port: 1 });
    await once(socket, 'error');
    for (const channel of channels) unsubscribe(channel, note);
    expect(calls).toHaveLength(1);
  });

  it('do not keep a process alive that forgot to close them', async () => {
    const code = `
      import { pino } from 'pino';
      import { openFlags } from '#flags/client.ts';
      const flags = await openFlags({ source: { kind: 'file', path: process.argv[1] }, wanted: [], log: pino({ level: 'silent' }) });
      process.stdout.write(flags.status().state);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code, files.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 20_000,
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    const [exitCode] = (await once(child, 'close')) as [number];
    expect({ exitCode, output: Buffer.concat(output).toString() }).toEqual({
      exitCode: 0,
      output: 'current',
    });
  });
});
