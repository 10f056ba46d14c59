import type { Pool } from 'pg';
import { archiveInHeader, deviceAddress, nameInPath } from '../contract/address.ts';
import { batchLine, deviceEntry, readingBatch, readingSpan, type Device } from '../contract/devices.ts';
import { checked } from '../contract/entry.ts';
import { fault } from '../contract/faults.ts';
import { xmlText } from '../contract/xml.ts';
import { findDevice, listDevices, putDevice, removeDevice, type DeviceKey } from './devices.ts';
import { listMeasurements, takeMeasurements } from './measurements.ts';
import type { Call, Places } from './router.ts';

export function devicePlaces(pool: Pool, now: () => Date): Places {
  return {
    async 'GET /Devices'({ headers }) {
      const tenant = archiveInHeader(headers['x-archive']);
      const content = inventoryXml(tenant, await listDevices(pool, tenant));
      return { status: 200, text: { type: 'application/xml', content } };
    },

    async 'POST /Devices/Readings'({ headers, body }) {
      const tenant = archiveInHeader(headers['x-archive']);
      const { readings } = checked(readingBatch, await body());
      const statuses = await takeMeasurements(pool, tenant, readings);
      const results = statuses.flatMap((status, index) => {
        const reading = readings[index];
        return reading === undefined ? [] : [batchLine(reading, status)];
      });
      return { status: 207, json: { results } };
    },

    async 'PUT /Devices/:serial'(call) {
      const entry = checked(deviceEntry, await call.body());
      const device = await putDevice(pool, keyOf(call), { entry, now: now() });
      if (device === undefined) throw fault('device-removed');
      if (device.revision > 1) return { status: 200, json: device };
      return { status: 201, headers: { Location: deviceAddress(device.serial) }, json: device };
    },

    async 'GET /Devices/:serial'(call) {
      return { status: 200, json: await present(pool, keyOf(call)) };
    },

    async 'DELETE /Devices/:serial'(call) {
      const key = keyOf(call);
      if (await removeDevice(pool, key, now()))
        return { status: 202, json: { removal: 'accepted', serial: key.serial } };
      throw fault((await findDevice(pool, key)) === 'removed' ? 'device-removed' : 'unknown-device');
    },

    async 'GET /Devices/:serial/Readings'(call) {
      const key = keyOf(call);
      const span = checked(readingSpan, call.query);
      await present(pool, key);
      return { status: 200, json: { readings: await listMeasurements(pool, key, span) } };
    },
  };
}

function keyOf({ headers, parameter }: Call): DeviceKey {
  return { tenant: archiveInHeader(headers['x-archive']), serial: nameInPath(parameter('serial')) };
}

async function present(pool: Pool, key: DeviceKey): Promise<Device> {
  const found = await findDevice(pool, key);
  if (found === 'unknown') throw fault('unknown-device');
  if (found === 'removed') throw fault('device-removed');
  return found;
}

function inventoryXml(tenant: string, devices: readonly Device[]): string {
  const lines = devices.map((device) => {
    const state = device.state === null ? '' : ` state="${device.state}"`;
    const mounted = device.mounted === null ? '' : ` mounted="${String(device.mounted)}"`;
    const model = device.model === null ? '' : `<model>${xmlText(device.model)}</model>`;
    const measures = device.measures?.map((measure) => `<measure>${measure}</measure>`).join('') ?? '';
    return `<device serial="${xmlText(device.serial)}"${state}${mounted}>${model}${measures}</device>`;
  });
  const head = '<?xml version="1.0" encoding="UTF-8"?>';
  return `${head}\n<devices archive="${tenant}">${lines.join('')}</devices>\n`;
}
