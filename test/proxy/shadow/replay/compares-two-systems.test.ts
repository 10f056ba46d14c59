import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { Command } from 'commander';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replayCommand } from '#proxy/control/cli/replay.ts';
import type { ShadowDelta } from '#proxy/shadow/delta.types.ts';
import type { Pair } from '#proxy/shadow/pair.types.ts';
import { etaSeconds } from '#proxy/control/cli/replay-progress.ts';
import type { ReplayAnalysis } from '#proxy/shadow/replay/replay.ts';
import type { ShadowReport } from '#proxy/shadow/report/report.types.ts';
import { serve, type Served } from '#shared/http/serve.ts';
import { writeMigrationFiles, type MigrationFiles } from '#test/support/migration-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'banyan-replay-'));
const seen: { system: string; method: string; url: string; cookie: string | undefined }[] = [];
let systems: Served[];
let files: MigrationFiles;

function system(name: string, text: (url: string) => string): Promise<Served> {
  return serve(
    ({ method = '', url = '', headers }, response) => {
      seen.push({ system: name, method, url, cookie: headers.cookie });
      if (url === '/items/endless') {
        response.write('x'.repeat(1_500_000));
        response.end();
        return;
      }
      if (url === '/items/broken' && name === 'new') {
        response.destroy();
        return;
      }
      response.end(text(url));
    },
    { name },
  );
}

beforeAll(async () => {
  systems = await Promise.all([
    system('old', (url) => url),
    system('new', (url) => (url.endsWith('7') ? 'other' : url)),
  ]);
  files = writeMigrationFiles({ old: systems[0]?.url ?? '', new: systems[1]?.url ?? '' });
});
afterAll(async () => {
  await Promise.all(systems.map((one) => one.close(0)));
  files.remove();
  rmSync(folder, { recursive: true });
});
beforeEach(() => void seen.splice(0));

/** A fake of the analysis: bodies are the same, or they are not. */
function bodiesAlone(): ReplayAnalysis {
  let pairs: Pair[] = [];
  const differs = ({ primary, shadow }: Pair): boolean => Buffer.compare(primary.body, shadow.body) !== 0;
  return {
    take: (pair) => pairs.push(pair),
    flush(now): ShadowDelta {
      const taken = pairs;
      pairs = [];
      return {
        from: now,
        to: now,
        findings: [],
        routes: taken.map((pair) => ({
          migration: pair.migration,
          route: pair.route,
          primarySide: pair.primarySide,
          eligible: 0,
          compared: 1,
          same: differs(pair) ? 0 : 1,
          different: differs(pair) ? 1 : 0,
          raced: 0,
          noiseSamples: pair.again === undefined ? 0 : 1,
          skipped: {},
          shadowFailures: {},
          latency: { primary: [], shadow: [] },
        })),
      };
    },
  };
}

interface Result {
  readonly code: number | string;
  readonly out: string;
  readonly error: string;
}

async function call(...args: string[]): Promise<Result> {
  const written = { out: '', error: '' };
  const output = {
    out: (text: string) => void (written.out += text),
    error: (text: string) => void (written.error += text),
  };
  const made = { output, exitCode: 0 };
  const program = new Command().exitOverride().configureOutput({ writeErr: output.error });
  program.addCommand(replayCommand(made, bodiesAlone).copyInheritedSettings(program));
  const code = await program
    .parseAsync(['replay', ...args, '--config', files.config, '--rate', '1000'], { from: 'user' })
    .then(
      () => made.exitCode,
      (error: unknown) => (Error.isError(error) ? error.message : ''),
    );
  return { code, ...written };
}

function log(name: string, requests: readonly string[]): string {
  const path = join(folder, name);
  const lines = requests.map((request) => `1.1.1.1 - - [x] "${request} HTTP/1.1" 200 1`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

const both = ['--against', 'old', '--against', 'new'];

test('safe requests of known routes go to both and are compared; the rest is counted', async () => {
  const recording = log('mixed.log', [
    ...Array.from({ length: 20 }, (_none, n) => `GET /items/${n}`),
    'PUT /items/1',
    'GET /else',
    'GET /items/../x',
    'GET /items/endless',
    'GET /items/broken',
  ]);
  writeFileSync(recording, 'nonsense\n', { flag: 'a' });
  const { code, out, error } = await call(recording, ...both, '--json');
  expect(code).toBe(0);
  const [route, write] = (JSON.parse(out) as ShadowReport).routes;
  expect(route).toMatchObject({
    route: 'item-read',
    primarySide: 'monolith',
    different: 0,
    differentAtFirst: 2,
    same: 18,
    coverage: { eligible: 22, compared: 20 },
    shadowFailures: { broken: 1 },
  });
  expect(route?.coverage.skipped.map(({ reason }) => reason)).toEqual(['answer-over-size', 'shadow-failed']);
  expect(route?.noiseSamples).toBeGreaterThan(0);
  expect(write).toMatchObject({ route: 'item-write', coverage: { compared: 0 } });
  expect(error).toContain('2 left out: they cannot be read; the first: a request');
  expect(new Set(seen.map(({ method }) => method))).toEqual(new Set(['GET']));
  expect(seen.filter(({ system, url }) => system === 'new' && url === '/items/3')).toHaveLength(1);
});

test('recorded credentials stay at home unless they are asked for', async () => {
  const har = join(folder, 'a.har');
  const request = {
    method: 'GET',
    url: 'https://shop.example/items/1',
    headers: [
      { name: 'Cookie', value: 'sid=1' },
      { name: 'Bad', value: 'a\r\nb: c' },
    ],
  };
  writeFileSync(har, JSON.stringify({ log: { entries: [{ request }] } }));
  expect((await call(har, ...both)).error).toContain('1 sent without their credentials');
  expect(seen.map(({ cookie }) => cookie)).not.toContain('sid=1');
  expect((await call(har, ...both, '--send-credentials')).code).toBe(0);
  expect(seen.at(-1)?.cookie).toBe('sid=1');
});

test('nothing compared is not well', async () => {
  const { code, error } = await call(log('none.log', ['GET /else']), ...both);
  expect([code, error]).toEqual([3, expect.stringContaining('no route of the configuration takes them')]);
});

test.each([
  [['--against', 'old'], 'must be given twice'],
  [['--against', 'old', '--against', 'nowhere'], 'is no target and no URL'],
  [[...both, '--rate', '0'], 'Write a whole number'],
  [[...both, '-H', 'nothing'], 'Write it as "name: value"'],
])('a wrong call %j says why', async (args, why) => {
  const { code } = await call(log('few.log', ['GET /items/1']), ...args);
  expect(code).toContain(why);
  expect(seen).toEqual([]);
});

test('a file that is not there', async () => {
  expect((await call(join(folder, 'none'), ...both)).code).toContain('there is no');
});

test('the time left follows from what is done', () => {
  expect([etaSeconds(0.25, 10), etaSeconds(0.001, 10), etaSeconds(1, 10)]).toEqual([30, undefined, 0]);
});
