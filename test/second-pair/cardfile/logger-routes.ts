import { Router, type Request } from 'express';
import type { Pool } from 'pg';
import { archiveInHeader, deviceAddress, nameInPath, queryOf } from '../contract/address.ts';
import { batchLine, deviceEntry, readingBatch, readingSpan, type Device } from '../contract/devices.ts';
import { checked } from '../contract/entry.ts';
import { fault } from '../contract/faults.ts';
import { xmlText } from '../contract/xml.ts';
import { bodyOf } from './body.ts';
import * as loggers from './loggers.ts';
import { fileReadings, listReadings } from './readings.ts';

/** The climate loggers that leave. */
export function loggerRoutes(pool: Pool, now: () => Date): Router {
  const router = Router();

  router.get('/Devices', async (request, response) => {
    const house = archiveInHeader(request.headers['x-archive']);
    const devices = await loggers.listLoggers(pool, house);
    response.type('application/xml').send(inventory(house, devices));
  });

  router.post('/Devices/Readings', async (request, response) => {
    const house = archiveInHeader(request.headers['x-archive']);
    const { readings } = checked(readingBatch, bodyOf(request));
    const statuses = await fileReadings(pool, house, readings);
    response
      .status(207)
      .json({ results: readings.map((one, index) => batchLine(one, statuses[index] ?? 404)) });
  });

  router.put('/Devices/:serial', async (request, response) => {
    const entry = checked(deviceEntry, bodyOf(request));
    const device = await loggers.putLogger(pool, keyOf(request), { entry, now: now() });
    if (device === undefined) throw fault('device-removed');
    if (device.revision === 1) response.status(201).set('Location', deviceAddress(device.serial));
    response.json(device);
  });

  router.get('/Devices/:serial', async (request, response) => {
    response.json(await present(pool, keyOf(request)));
  });

  router.delete('/Devices/:serial', async (request, response) => {
    const key = keyOf(request);
    if (!(await loggers.strikeLogger(pool, key, now()))) {
      const found = await loggers.findLogger(pool, key);
      throw fault(found === undefined ? 'unknown-device' : 'device-removed');
    }
    response.status(202).json({ removal: 'accepted', serial: key.serial });
  });

  router.get('/Devices/:serial/Readings', async (request, response) => {
    const key = keyOf(request);
    const span = checked(readingSpan, queryOf(request.url));
    await present(pool, key);
    response.json({ readings: await listReadings(pool, key, span) });
  });

  return router;
}

function keyOf(request: Request<{ serial: string }>): loggers.LoggerKey {
  return { house: archiveInHeader(request.headers['x-archive']), serial: nameInPath(request.params.serial) };
}

async function present(pool: Pool, key: loggers.LoggerKey): Promise<Device> {
  const found = await loggers.findLogger(pool, key);
  if (found === undefined) throw fault('unknown-device');
  if (found.struck) throw fault('device-removed');
  return found.device;
}

function inventory(house: string, devices: readonly Device[]): string {
  const entries = devices.map(({ serial, model, measures, mounted, state }) => {
    const attributes = [
      `serial="${xmlText(serial)}"`,
      ...(state === null ? [] : [`state="${state}"`]),
      ...(mounted === null ? [] : [`mounted="${mounted}"`]),
    ];
    const inside = [
      ...(model === null ? [] : [`<model>${xmlText(model)}</model>`]),
      ...(measures ?? []).map((measure) => `<measure>${measure}</measure>`),
    ];
    return `<device ${attributes.join(' ')}>${inside.join('')}</device>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<devices archive="${house}">${entries.join('')}</devices>\n`;
}
