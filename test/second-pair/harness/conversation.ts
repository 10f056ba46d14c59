import { documentPath, technicianToken } from './archive.ts';
import type { Sent } from './client.ts';

/** A request with the status that the contract fixes for it, at its place in a conversation. */
export type Line = readonly [status: number, sent: Sent];

/** Everything that can be said about documents, in order, on an archive without any. */
export function aboutDocuments(archive: string): Line[] {
  const all = `/Archives/${archive}/Documents`;
  const path = documentPath(archive, 'Żółw:1.a|b');
  const later = documentPath(archive, 'later');
  const entry = { title: 'Turtle', keywords: ['sea', 'Żółw'], access: 'restricted', insuredValue: '1200.50' };
  const search = (body: unknown): Sent => ({ method: 'POST', path: `${all}/Search`, body });
  const when = (condition: string): Record<string, string> => ({ 'if-match': condition });
  return [
    [200, { method: 'GET', path: all }],
    [404, { method: 'GET', path }],
    [404, { method: 'DELETE', path }],
    [412, { method: 'PUT', path, body: entry, headers: when('*') }],
    [201, { method: 'PUT', path, body: entry }],
    [428, { method: 'PUT', path, body: entry }],
    [412, { method: 'PUT', path, body: entry, headers: { 'if-none-match': '*' } }],
    [412, { method: 'PUT', path, body: entry, headers: when('"r2"') }],
    [412, { method: 'PUT', path, body: entry, headers: when('W/"r1"') }],
    [200, { method: 'PUT', path, body: { ...entry, supersededBy: 'later' }, headers: when('"r9", "r1"') }],
    [200, { method: 'GET', path }],
    [200, { method: 'HEAD', path }],
    [304, { method: 'GET', path, headers: { 'if-none-match': 'W/"r2"' } }],
    [200, { method: 'GET', path, headers: { 'if-none-match': '"r2"', 'cache-control': 'no-cache' } }],
    [200, { method: 'GET', path: `${path}/Slip` }],
    [303, { method: 'GET', path: `${path}/Current` }],
    [201, { method: 'PUT', path: later, body: {} }],
    [303, { method: 'GET', path: `${path}/Current` }],
    [200, { method: 'GET', path: later }],
    [200, { method: 'GET', path: `${later}/Slip` }],
    [200, search({ keyword: 'sea', text: 'TURT', access: 'restricted' })],
    [200, search({ access: null })],
    [200, search({ keyword: 'nowhere' })],
    [200, { method: 'PUT', path: later, body: { supersededBy: 'later' }, headers: when('*') }],
    [508, { method: 'GET', path: `${later}/Current` }],
    [200, { method: 'GET', path: `${all}?size=1` }],
    [200, { method: 'GET', path: `${all}/?size=1&after=later` }],
    [400, { method: 'GET', path: `${all}?size=0&page=2` }],
    [400, { method: 'PUT', path, body: '{"title":' }],
    [400, { method: 'PUT', path, body: '' }],
    [400, { method: 'PUT', path, body: { ...entry, colour: 'red', keywords: ['', 'a\u0000b'] } }],
    [400, { method: 'PUT', path, body: { insuredValue: '1.234', access: 'secret', attributes: ['a'] } }],
    [400, { method: 'PUT', path, body: '{"attributes":{"a":"\\ud800"}}' }],
    [400, { method: 'GET', path: `${all}/%FF` }],
    [400, { method: 'GET', path: `/Archives/${archive.toUpperCase()}/Documents` }],
    [413, { method: 'PUT', path, body: { title: 'x'.repeat(300_000) } }],
    [415, { method: 'PUT', path, body: entry, headers: { 'content-encoding': 'gzip' } }],
    [404, { method: 'POST', path, body: {} }],
    [412, { method: 'DELETE', path, headers: when('"r1"') }],
    [202, { method: 'DELETE', path, headers: when('"r2"') }],
    [410, { method: 'GET', path }],
    [410, { method: 'GET', path: `${path}/Slip` }],
    [410, { method: 'PUT', path, body: entry }],
    [410, { method: 'PUT', path, body: entry, headers: when('*') }],
    [410, { method: 'DELETE', path }],
    [202, { method: 'DELETE', path: later }],
    [200, { method: 'GET', path: all }],
  ];
}

/** The same about devices. */
export function aboutDevices(archive: string): Line[] {
  const headers = { 'x-archive': archive };
  const technician = { ...headers, authorization: technicianToken(7) };
  const path = '/Devices/KL%3A7';
  const entry = { model: 'KL <7>', measures: ['light', 'humidity'], offset: '-0.50', mounted: false };
  const reading = {
    serial: 'KL:7',
    takenAt: '2026-02-01T12:00:00.5+02:00',
    measure: 'light',
    value: '80.10',
  };
  const batch = (...readings: readonly unknown[]): Sent => {
    return { method: 'POST', path: '/Devices/Readings', headers, body: { readings } };
  };
  return [
    [400, { method: 'GET', path: '/Devices' }],
    [400, { method: 'GET', path, headers: { 'x-archive': 'No Slug' } }],
    [200, { method: 'GET', path: '/Devices', headers }],
    [404, { method: 'GET', path, headers }],
    [404, { method: 'DELETE', path, headers }],
    [201, { method: 'PUT', path, headers, body: {} }],
    [200, { method: 'PUT', path, headers, body: { ...entry, state: 'active', calibration: { by: 'öä' } } }],
    [200, { method: 'GET', path, headers }],
    [404, { method: 'GET', path, headers: { 'x-archive': 'another.archive' } }],
    [400, { method: 'PUT', path, headers, body: { ...entry, measures: ['sound'], offset: '1e3' } }],
    [
      207,
      batch(reading, { ...reading, measure: 'humidity', value: null }, { ...reading, serial: 'unknown' }),
    ],
    [207, batch({ ...reading, value: '80.1' }, { ...reading, value: '81' })],
    [
      207,
      batch(
        { ...reading, takenAt: '2026-02-03T00:00:00Z' },
        { ...reading, takenAt: '2026-02-03T00:00:00Z', value: '0' },
        { ...reading, takenAt: '2026-02-03T00:00:00.000+00:00' },
      ),
    ],
    [400, batch()],
    [400, batch({ ...reading, takenAt: 'yesterday' })],
    [200, { method: 'GET', path: `${path}/Readings`, headers: technician }],
    [
      200,
      {
        method: 'GET',
        path: `${path}/Readings?since=2026-02-01T10:00:00.5Z&until=2026-02-03T00:00:00Z`,
        headers: technician,
      },
    ],
    [400, { method: 'GET', path: `${path}/Readings?since=now`, headers: technician }],
    [200, { method: 'GET', path: '/Devices', headers }],
    [202, { method: 'DELETE', path, headers }],
    [410, { method: 'GET', path, headers }],
    [410, { method: 'GET', path: `${path}/Readings`, headers: technician }],
    [410, { method: 'PUT', path, headers, body: entry }],
    [410, { method: 'DELETE', path, headers }],
    [207, batch(reading)],
    [200, { method: 'GET', path: '/devices/', headers }],
  ];
}
