import type { Sent } from './client.ts';
import type { SecondPair } from './pair.ts';

/** Codes that a careless system gets wrong. */
export const oddCodes: readonly string[] = [
  'A.1:2024',
  'a.1:2024',
  '...',
  '100%',
  '%41',
  'a+b&c=d;e@f$g,h',
  "O'Neil (copy) *!~_",
  'two words',
  '?question#hash[0]',
  'Straße:7',
  'ẞ',
  'İzmir',
  'é',
  'e\u0301',
  'πρᾶξις.Σ',
  '東京:07',
  '🗄️ 12',
  '<q>"&<q>',
];

export function documentPath(archive: string, code: string): string {
  return `/Archives/${archive}/Documents/${encodeURIComponent(code)}`;
}

export function devicePath(serial: string): string {
  return `/Devices/${encodeURIComponent(serial)}`;
}

/** A token as a gateway would let it through. Nobody here checks its signature. */
export function technicianToken(technician: unknown): string {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  return `Bearer ${part({ alg: 'none' })}.${part({ 'https://archive.example/technician': technician })}.c2ln`;
}

/** The same rows in both systems: a document for every odd code, and a device with readings for every second. */
export async function fillBoth(pair: SecondPair, archive: string): Promise<void> {
  for (const sent of [...documents(archive), ...devices(archive)]) {
    for (const system of ['cardfile', 'vault'] as const) {
      const { status, body } = await pair.direct(system, sent);
      if (status !== 201 && status !== 207) throw new Error(`${system} answered ${status} ${body}`);
    }
  }
}

/** Every read of the archive; to be sent through the proxy or to a system. */
export function readsOf(archive: string): Sent[] {
  const technician = { authorization: technicianToken('t-7'), 'x-archive': archive };
  const desk = { cookie: 'theme=dark; reading.desk="4"' };
  return [
    { method: 'GET', path: `/Archives/${archive}/Documents?size=7` },
    { method: 'GET', path: `/Archives/${archive}/Documents?after=${encodeURIComponent('a+b&c=d;e@f$g,h')}` },
    {
      method: 'POST',
      path: `/Archives/${archive}/Documents/Search`,
      body: { keyword: 'even' },
      headers: desk,
    },
    ...oddCodes.flatMap((code): Sent[] => [
      { method: 'GET', path: documentPath(archive, code) },
      { method: 'GET', path: `${documentPath(archive, code)}/Slip` },
      { method: 'GET', path: `${documentPath(archive, code)}/Current` },
    ]),
    { method: 'GET', path: documentPath(archive, 'never written') },
    { method: 'GET', path: '/Devices', headers: { 'x-archive': archive } },
    ...oddCodes.flatMap((serial): Sent[] => [
      { method: 'GET', path: devicePath(serial), headers: { 'x-archive': archive } },
      { method: 'GET', path: `${devicePath(serial)}/Readings`, headers: technician },
    ]),
  ];
}

function documents(archive: string): Sent[] {
  return oddCodes.map((code, index) => ({
    method: 'PUT',
    path: documentPath(archive, code),
    body: {
      title: index % 3 === 0 ? null : `Title of ${code}`,
      keywords: index % 2 === 0 ? ['even', code] : null,
      attributes: index % 4 === 0 ? null : { position: index, nested: { code, list: [1, null, 'x'] } },
      insuredValue: index % 5 === 0 ? null : `${index}.50`,
      access: [null, 'open', 'restricted', 'sealed'][index % 4],
      supersededBy: index % 6 === 5 ? oddCodes[index - 1] : null,
    },
  }));
}

function devices(archive: string): Sent[] {
  const headers = { 'x-archive': archive };
  const serials = oddCodes.filter((_code, index) => index % 2 === 0);
  const puts = serials.map((serial, index): Sent => {
    const body = {
      model: index % 2 === 0 ? null : 'Klima <2> & "3"',
      measures: [null, ['humidity', 'temperature'], []][index % 3],
      calibration: index % 3 === 0 ? { at: '2026-01-01', points: [0.5, 1] } : null,
      offset: index % 3 === 1 ? '-0.250' : null,
      mounted: [true, false, null][index % 3],
      state: [null, 'active', 'parked', 'lost'][index % 4],
    };
    return { method: 'PUT', path: devicePath(serial), headers, body };
  });
  const readings = serials.map((serial, index) => {
    const value = index % 3 === 2 ? null : `${index}.7500`;
    return { serial, takenAt: `2026-02-0${1 + (index % 9)}T10:00:00.123+02:00`, measure: 'humidity', value };
  });
  return [...puts, { method: 'POST', path: '/Devices/Readings', headers, body: { readings } }];
}
