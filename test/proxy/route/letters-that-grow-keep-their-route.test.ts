import { expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { parseConfig } from '#proxy/config/read.ts';
import { routeTable, type RouteTable } from '#proxy/route/table.ts';

// Regression: with `caseSensitive: false` a path with İ (U+0130), whose small form is longer by one, found no route, and so
// took the default target whatever the stage was: a write to the side that no longer owned it.

function tableOf(caseSensitive: boolean): RouteTable {
  const text = `
version: 1
routing: { caseSensitive: ${caseSensitive} }
targets: { old: { url: 'http://127.0.0.1:1' }, new: { url: 'http://127.0.0.1:2' } }
defaultTarget: old
flags: { source: file, path: f.json }
migrations:
  domain:
    monolith: old
    service: new
    migrationFlag: stage
    routes: [{ name: slip, match: PUT /Rooms/:room/Items/:id/Slip }]
`;
  return routeTable(parseConfig(text, { file: 'banyan.yaml', environment: {} }));
}

test.each([true, false])('every text is taken whole, with caseSensitive %s', (caseSensitive) => {
  const table = tableOf(caseSensitive);
  const segment = fc
    .array(
      fc.oneof(
        fc.constantFrom('İ', 'ẞ', 'Σ', 'K', 'ſ', '%C4%B0', '%', ';', '\u{10000}'),
        fc.string({ unit: 'grapheme' }),
      ),
    )
    .map((parts) => parts.join('').replaceAll(/[/\\]/g, ''))
    .filter((text) => text.length > 0);
  fc.assert(
    fc.property(segment, segment, (room, id) => {
      const path = `/Rooms/${encodeURIComponent(room)}/Items/${encodeURIComponent(id)}/Slip`;
      expect(table.match('PUT', path)?.parameters).toEqual({ room, id });
    }),
  );
});

test('with any case, its encoding may be written small', () => {
  expect(tableOf(false).match('PUT', '/rooms/%c4%b0x/ITEMS/1/slip')?.parameters).toEqual({
    room: 'İx',
    id: '1',
  });
});
