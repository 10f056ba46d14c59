import { afterEach, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { ShadowReport } from '#proxy/shadow/report/report.types.ts';
import { plantedDifferences } from '#sample/planted/differences.ts';
import { createPlantedService } from '#sample/planted/planted-service.ts';
import { serve } from '#shared/http/serve.ts';
import { banyan } from '#test/support/cli.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';
import { startSampleRun, type InFront, type SampleRun } from '#test/support/sample-run.ts';

// Through everything: two workers, their copies and comparing threads, the channel to their parent, the store, the admin
// port, and `banyan diff`.

const people = 12;
const rounds = 25;
const pages = ['', '/profile', '/preferences'];
const readRoutes = ['user-read', 'profile-read', 'preferences-read'];
const wanted = plantedDifferences.map(({ route, place, path }) => `${route} ${place} ${path}`).toSorted();

const planted: InFront = async (url) => {
  const service = createPlantedService(url);
  const served = await serve(service.listener, { name: 'the planted service' });
  return {
    url: served.url,
    async close() {
      await served.close(0);
      await service.close();
    },
  };
};

let sample: SampleRun | undefined;
let state: TestDatabase | undefined;
afterEach(async () => {
  await sample?.stop();
  await state?.drop();
  [sample, state] = [undefined, undefined];
});

interface Person {
  readonly id: number;
  readonly token: string;
}

async function send(path: string, more: RequestInit & { json?: unknown } = {}): Promise<Response> {
  const { json, ...init } = more;
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  const headers = { 'content-type': 'application/json', ...(init.headers as Record<string, string>) };
  return fetch(`${sample?.url}${path}`, { ...init, ...body, headers });
}

const as = ({ token }: Pick<Person, 'token'>) => ({ authorization: `Bearer ${token}` });

async function signUp(n: number): Promise<Person> {
  const account = { email: `person-${n}@planted.example`, password: 'correct horse' };
  await send('/users', { method: 'POST', json: { ...account, name: 'A Person' } });
  const login = await send('/auth/login', { method: 'POST', json: account });
  const { accessToken: token, userId: id } = (await login.json()) as { accessToken: string; userId: number };
  await move({ id, token }, 'Ulm');
  const headers = as({ token });
  await send(`/users/${id}/preferences/theme`, { method: 'PUT', headers, json: { value: 'dark' } });
  return { id, token };
}

async function move(person: Person, city: string): Promise<void> {
  const path = `/users/${person.id}/profile`;
  const answer = await send(path, { method: 'PUT', headers: as(person), json: { city, locale: 'de' } });
  expect(answer.status).toBeLessThan(300);
  await answer.arrayBuffer();
}

async function readAll(everyone: readonly Person[]): Promise<void> {
  await Promise.all(
    everyone.flatMap((person) =>
      pages.map(async (page) => {
        const answer = await send(`/users/${person.id}${page}`, { headers: as(person) });
        expect(answer.status).toBe(200);
        await answer.arrayBuffer();
      }),
    ),
  );
}

/** Signs people up, and lets them read what is theirs again and again. */
async function sendTraffic(started: SampleRun): Promise<readonly Person[]> {
  sample = started;
  const everyone = await Promise.all(Array.from({ length: people }, (_none, n) => signUp(n)));
  for (let round = 0; round < rounds; round += 1) await readAll(everyone);
  return everyone;
}

/** What `banyan diff` says. */
async function diff(...args: string[]): Promise<ShadowReport> {
  const { out, error } = await banyan('diff', '--admin', sample?.adminUrl ?? '', '--json', ...args);
  expect(error).toBe('');
  return JSON.parse(out) as ShadowReport;
}

/** Lets people read on until the report is as wanted. */
async function readUntil(
  everyone: readonly Person[],
  holds: (report: ShadowReport) => boolean,
): Promise<ShadowReport> {
  for (;;) {
    const report = await diff();
    if (holds(report)) return report;
    await readAll(everyone);
    await delay(100);
  }
}

function comparedAll(report: ShadowReport): boolean {
  const compared = readRoutes.map(
    (name) => report.routes.find(({ route }) => route === name)?.coverage.compared ?? 0,
  );
  return Math.min(...compared) >= people * rounds * 0.9;
}

function differencesIn(report: ShadowReport): string[] {
  return report.routes
    .flatMap(({ findings }) => findings)
    .filter(({ verdict }) => verdict === 'difference')
    .map(({ route, place, path }) => `${route} ${place} ${path}`)
    .toSorted();
}

const isFound = (report: ShadowReport): boolean => differencesIn(report).length >= wanted.length;

test('planted differences are reported, each at its place, and nothing else', async () => {
  const everyone = await sendTraffic(await startSampleRun({ inFront: planted }));
  expect(differencesIn(await readUntil(everyone, isFound))).toEqual(wanted);
  const gate = await banyan('diff', '--admin', sample?.adminUrl ?? '', '--fail-over', '1%');
  expect(gate.code).toBe(1);
});

test('in a state database they are found without a proxy as well', async () => {
  state = await createTestDatabase('empty');
  const everyone = await sendTraffic(await startSampleRun({ inFront: planted, stateUrl: state.url }));
  await readUntil(everyone, isFound);
  await sample?.banyan.end('SIGTERM');
  const { out, code } = await banyan('diff', '--config', sample?.config ?? '', '--from-state', '--json');
  expect(code).toBe(0);
  expect(differencesIn(JSON.parse(out) as ShadowReport)).toEqual(wanted);
});

test('on the clean service nothing is reported, and reads that race a write are told apart', async () => {
  const everyone = await sendTraffic(await startSampleRun());
  const quiet = await readUntil(everyone, comparedAll);
  expect(differencesIn(quiet)).toEqual([]);
  const raced = (report: ShadowReport): number => report.routes.reduce((sum, route) => sum + route.raced, 0);
  for (let turn = 0; raced(await diff()) === 0; turn += 1) {
    const writes = everyone.map((person) => move(person, `City ${turn}`));
    await readAll(everyone);
    await Promise.all(writes);
  }
  // The last of the reads that met a write are looked at once more.
  await delay(3_000);
  const report = await diff();
  expect(report.routes.filter(({ different }) => different > 0)).toEqual([]);
});
