import type { LegAnswer, Pair } from '#proxy/shadow/pair.types.ts';

/** Chances of the differences that are planted in the service; all 0 on clean traffic. */
export interface Planted {
  /** In a field that is otherwise stable. */
  readonly value: number;
  /** A field that the service leaves out. */
  readonly missing: number;
  /** In a field that flaps by itself in 1 of 200 answers. */
  readonly inFlapping: number;
  /** In a header. */
  readonly header: number;
  /** 404 for 200, while 1 of 500 answers of either side is a 503. */
  readonly status: number;
}

export const clean: Planted = { value: 0, missing: 0, inFlapping: 0, header: 0, status: 0 };

/** Where each is to be found. */
export const plantedAt: Readonly<Record<keyof Planted, string>> = {
  value: 'body $.price value',
  missing: 'body $.label missing',
  inFlapping: 'body $.warehouse value',
  header: 'header cache-control value',
  status: 'status status value',
};

/** The service's clock runs behind, so the two clocks often show different seconds. */
const clockBehindMs = 40;
const encoder = new TextEncoder();

export interface Traffic {
  pair(index: number): Pair;
  /** The primary's answer to the same request, `laterMs` after its first. */
  again(pair: Pair, laterMs: number): LegAnswer;
}

/** Two systems that answer alike but for their own noise, and for what is planted. */
export function noisyTraffic(random: () => number, planted: Planted): Traffic {
  const answer = (index: number, { time, isService }: { time: number; isService: boolean }): LegAnswer => {
    const isPlanted = (chance: number, salt: number): boolean => isService && share(index, salt) < chance;
    const status = random() < 1 / 500 ? 503 : isPlanted(planted.status, 1) ? 404 : 200;
    const clock = isService ? time - clockBehindMs : time;
    const headers: [string, string][] = [
      ['content-type', 'application/json'],
      ['date', new Date(Math.floor(clock / 1_000) * 1_000).toUTCString()],
      ['x-request-id', hex(random)],
      ['cache-control', isPlanted(planted.header, 2) ? 'no-store' : 'max-age=60'],
    ];
    if (random() < 1 / 1_000) headers.push(['x-served-from', 'replica']);
    const body =
      status === 200
        ? {
            id: index % 5_000,
            price: (index % 997) + (isPlanted(planted.value, 3) ? 0.01 : 0),
            // A clock, a random value, a sequence that flaps, a field that comes and goes, and rare noise.
            generatedAt: new Date(clock).toISOString(),
            servedAt: Math.floor(clock / 1_000),
            trace: hex(random),
            tags: random() < 0.3 ? ['a', 'b', 'c'] : ['b', 'a', 'c'],
            ...(isPlanted(planted.missing, 4) ? {} : { label: `item ${index % 5_000}` }),
            ...(random() < 0.01 ? { hint: 'slow' } : {}),
            rare: random() < 1 / 10_000 ? Math.floor(random() * 1e6) : 1,
            warehouse: isPlanted(planted.inFlapping, 5) ? 'south' : random() < 1 / 200 ? 'west' : 'north',
          }
        : { error: status };
    return { status, headers, body: encoder.encode(JSON.stringify(body)), durationMs: 2 };
  };

  return {
    pair(index) {
      const at = 1_800_000_000_000 + index * 7.3;
      const primary = answer(index, { time: at, isService: false });
      const isSampled = random() < 0.05;
      return {
        migration: 'm',
        route: 'r',
        key: undefined,
        at,
        request: { method: 'GET', target: `/items/${index}`, headers: [], body: undefined },
        primarySide: 'monolith',
        primary,
        shadow: answer(index, { time: at + 3 * random(), isService: true }),
        again: isSampled ? answer(index, { time: at + 5, isService: false }) : undefined,
        againWhy: isSampled ? 'sampled' : undefined,
        nearWrite: false,
        recheck: false,
      };
    },
    again: (pair, laterMs) =>
      answer(Number(pair.request.target.slice('/items/'.length)), {
        time: pair.at + laterMs,
        isService: false,
      }),
  };
}

/** Where a request lies between 0 and 1, always the same: what is planted is no chance of the moment. */
function share(index: number, salt: number): number {
  let mixed = Math.imul(index ^ 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(salt, 0xc2b2_ae35);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b_3c6d);
  mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a_2d39);
  return ((mixed ^ (mixed >>> 15)) >>> 0) / 4_294_967_296;
}

function hex(random: () => number): string {
  return Math.floor(random() * 2 ** 48).toString(16);
}
