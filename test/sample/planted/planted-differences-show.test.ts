import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { plantedDifferences, plantedOn } from '#sample/planted/differences.ts';
import { createPlantedService, type PlantedService } from '#sample/planted/planted-service.ts';
import { serve, type Served } from '#shared/http/serve.ts';

let real: Served;
let planted: PlantedService;
let served: Served;

const person = { createdAt: '2026-01-02T03:04:05.678Z', locale: null, name: 'Ada' };

beforeAll(async () => {
  real = await serve(
    (request, response) => {
      response.setHeader('cache-control', 'no-store');
      if (request.method === 'POST') {
        request.pipe(response);
        return;
      }
      response.statusCode =
        request.url === '/users/12' || request.url?.includes('/users/6') === true ? 200 : 404;
      response.end(JSON.stringify(person));
    },
    { name: 'a service' },
  );
  planted = createPlantedService(real.url);
  served = await serve(planted.listener, { name: 'the planted service' });
});
afterAll(async () => {
  await served.close(0);
  await planted.close();
  await real.close(0);
});

async function ask(path: string, init?: RequestInit): Promise<Response> {
  return fetch(`${served.url}${path}`, init);
}

test('each difference shows where it is planted', async () => {
  expect(await (await ask('/users/12')).json()).toEqual({ ...person, createdAt: '2026-01-02T03:04:05.000Z' });
  expect(await (await ask('/users/6/profile')).json()).toEqual({ ...person, source: 'user-service' });
  expect((await ask('/users/6/preferences')).headers.get('cache-control')).toBe('private, max-age=60');
});

test('everything else goes through as it is', async () => {
  const missing = await ask('/users/9');
  expect([missing.status, await missing.json()]).toEqual([404, person]);
  expect(await (await ask('/auth/login', { method: 'POST', body: 'as sent' })).text()).toBe('as sent');
  expect((await ask('/users/6/profile', { method: 'HEAD' })).status).toBe(200);
  expect(plantedOn('/users/7').concat(plantedOn('/users'), plantedOn('/users/x'))).toEqual([]);
});

test('each one is named once', () => {
  expect(new Set(plantedDifferences.map(({ name }) => name)).size).toBe(plantedDifferences.length);
});
