import { afterEach, expect, test } from '@jest/globals';
import { setTimeout as delay } from 'node:timers/promises';
import type { ShadowReport } from '#proxy/shadow/report/report.types.ts';
import { plantedDifferences } from '#sample/planted/differences.ts';
import { createPlantedService } from '#sample/planted/planted-service.ts';
import { serve } from '#shared/http/serve.ts';
import { startSampleMigration, type SampleMigration } from '#test/support/sample-migration.ts';

// Through everything: data plane, copy, comparing thread, store, admin port.

const people = 12;
const rounds = 25;
const pages = ['', '/profile', '/preferences'];

let sample: SampleMigration | undefined;
afterEach(async () => {
  await sample?.stop();
  sample = undefined;
});

async function send(path: string, more: RequestInit & { json?: unknown } = {}): Promise<Response> {
  const { json, ...init } = more;
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  const headers = { 'content-type': 'application/json', ...(init.headers as Record<string, string>) };
  return fetch(`${sample?.proxy.url}${path}`, { ...init, ...body, headers });
}

/** Signs people up, lets them read what is theirs again and again, and waits for the report. */
async function reportOfTraffic(started: SampleMigration): Promise<ShadowReport> {
  sample = started;
  await started.set({ stage: 'shadow', percent: 0 });
  const everyone = await Promise.all(Array.from({ length: people }, (_none, n) => signUp(n)));
  // Past the replication lag: what is read from here on races no write.
  await delay(1_500);
  for (let round = 0; round < rounds; round += 1) {
    await Promise.all(
      everyone.flatMap(({ id, token }) =>
        pages.map(async (page) => {
          const answer = await send(`/users/${id}${page}`, { headers: { authorization: `Bearer ${token}` } });
          expect(answer.status).toBe(200);
          await answer.arrayBuffer();
        }),
      ),
    );
  }
  return comparedAll(started);
}

async function signUp(n: number): Promise<{ readonly id: number; readonly token: string }> {
  const account = { email: `person-${n}@planted.example`, password: 'correct horse' };
  await send('/users', { method: 'POST', json: { ...account, name: 'A Person' } });
  const login = await send('/auth/login', { method: 'POST', json: account });
  const { accessToken: token, userId: id } = (await login.json()) as { accessToken: string; userId: number };
  const headers = { authorization: `Bearer ${token}` };
  await send(`/users/${id}/profile`, { method: 'PUT', headers, json: { city: 'Ulm', locale: 'de' } });
  await send(`/users/${id}/preferences/theme`, { method: 'PUT', headers, json: { value: 'dark' } });
  return { id, token };
}

const readRoutes = ['user-read', 'profile-read', 'preferences-read'];

async function comparedAll({ proxy }: SampleMigration): Promise<ShadowReport> {
  for (;;) {
    const report = (await (await fetch(`${proxy.admin}/shadow/report`)).json()) as ShadowReport;
    const compared = readRoutes.map(
      (name) => report.routes.find(({ route }) => route === name)?.coverage.compared ?? 0,
    );
    if (Math.min(...compared) >= people * rounds * 0.9) return report;
    await delay(100);
  }
}

function differencesIn(report: ShadowReport): string[] {
  return report.routes
    .flatMap(({ findings }) => findings)
    .filter(({ verdict }) => verdict === 'difference')
    .map(({ route, place, path }) => `${route} ${place} ${path}`)
    .toSorted();
}

test('the planted differences are reported, each at its place, and nothing else', async () => {
  const report = await reportOfTraffic(
    await startSampleMigration({
      inFront: async (url) => {
        const planted = createPlantedService(url);
        const served = await serve(planted.listener, { name: 'the planted service' });
        return {
          url: served.url,
          async close() {
            await served.close(0);
            await planted.close();
          },
        };
      },
    }),
  );
  const wanted = plantedDifferences.map(({ route, place, path }) => `${route} ${place} ${path}`);
  expect(differencesIn(report)).toEqual(wanted.toSorted());
});

test('on the clean service nothing is reported', async () => {
  const report = await reportOfTraffic(await startSampleMigration());
  expect(report.routes.filter(({ different }) => different > 0)).toEqual([]);
  expect(differencesIn(report)).toEqual([]);
});
