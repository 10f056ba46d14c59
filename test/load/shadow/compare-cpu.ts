import { firstSightChoice, shadowAnalysis } from '#proxy/shadow/analysis.ts';
import { sameAnswer } from '#proxy/shadow/copy/same-answer.ts';
import type { LegAnswer, Pair } from '#proxy/shadow/pair.types.ts';

// CPU of comparing one pair, by kind of pair. Short: some seconds in all.

const headers = (id: string) =>
  [
    ['content-type', 'application/json; charset=utf-8'],
    ['date', 'Mon, 01 Jun 2026 12:00:00 GMT'],
    ['etag', `W/"${id}"`],
    ['cache-control', 'no-store'],
    ['x-request-id', id],
    ['server', 'x'],
  ] as const;

const answer = (body: unknown, id: string): LegAnswer => ({
  status: 200,
  headers: headers(id),
  body: Buffer.from(JSON.stringify(body)),
  durationMs: 1,
});

const small = (moment: string) => ({
  id: 4711,
  name: 'A thing of some length',
  tags: ['one', 'two', 'three'],
  price: 19.99,
  stock: { here: 12, there: 3, ordered: 0 },
  updatedAt: moment,
  ok: true,
  note: 'nothing more to say',
});
const large = (moment: string) => ({
  items: Array.from({ length: 84 }, (_, index) => ({ ...small('2026-01-01T00:00:00Z'), id: index })),
  at: moment,
});

const at = Date.parse('2026-06-01T12:00:00Z');
const pairOf = (primary: LegAnswer, shadow: LegAnswer): Pair => ({
  migration: 'm',
  route: 'r',
  key: undefined,
  at,
  request: { method: 'GET', target: '/items/1', headers: [], body: undefined },
  primarySide: 'monolith',
  primary,
  shadow,
  again: undefined,
  againWhy: undefined,
  nearWrite: false,
  recheck: false,
});

function measure(title: string, times: number, once: () => void): void {
  for (let index = 0; index < times / 5; index += 1) once();
  const start = process.cpuUsage();
  for (let index = 0; index < times; index += 1) once();
  const { user, system } = process.cpuUsage(start);
  process.stdout.write(`${title}: ${((user + system) / times).toFixed(2)} µs\n`);
}

const choice = firstSightChoice(undefined);
const linesOf = ({ headers }: LegAnswer): string =>
  headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
const redact = {
  paths: ['$..password'],
  headers: [],
  detectors: ['email', 'phone', 'card', 'token'] as const,
};
const analysis = shadowAnalysis(
  { migrations: { m: { rules: [] } }, redact: { ...redact, detectors: [...redact.detectors] } },
  { now: at },
);
const [old, older, stale] = [
  '2026-06-01T11:00:00.123Z',
  '2026-06-01T11:00:00.456Z',
  '2026-06-01T12:00:00.456Z',
];

for (const [size, make, times] of [
  ['190 B', small, 100_000],
  ['16 KiB', large, 2_000],
] as const) {
  const [one, same, other] = [answer(make(old), 'a'), answer(make(old), 'b'), answer(make(older), 'b')];
  const [now, soon] = [answer(make(stale), 'a'), answer(make('2026-06-01T12:00:00.789Z'), 'b')];
  process.stdout.write(`${size} is ${one.body.length} bytes\n`);
  const [seen, again] = [one, same].map(({ status, headers, body, ...rest }) => ({
    status,
    lines: linesOf({ status, headers, body, ...rest }),
    body: Buffer.from(body),
  }));
  measure(`${size}, equal, at first sight on the serving thread`, times * 5, () => {
    if (seen !== undefined && again !== undefined) sameAnswer(seen, again, choice);
  });
  measure(`${size}, equal, take`, times, () => analysis.take(pairOf(one, same)));
  measure(`${size}, differing timestamps (old), take`, times, () => analysis.take(pairOf(one, other)));
  measure(`${size}, differing clocks, take`, times, () => analysis.take(pairOf(now, soon)));
  measure(`${size}, both read by JSON.parse, for comparison`, times, () => {
    JSON.parse(one.body.toString());
    JSON.parse(other.body.toString());
  });
}
