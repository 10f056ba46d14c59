import type { Lane } from './lane.ts';
import type { PreparedRequest } from './requests.ts';

/** What a lane does when it is free. */
export interface Loop {
  begin(): void;
  onFree(lane: Lane): void;
  /** Nothing new is due from here on. */
  end(): void;
  /** Requests that are due and have no lane. */
  waiting(): number;
}

/** Each lane asks again as soon as it is answered: shows how much a proxy can do, and hides how long it stalls. */
export function closedLoop(requests: readonly PreparedRequest[]): Loop {
  const next = inTurn(requests);
  let running = true;
  return {
    begin() {},
    onFree(lane) {
      if (!running) return;
      lane.startedAt = performance.now();
      lane.send(next());
    },
    end: () => void (running = false),
    waiting: () => 0,
  };
}

/**
 * Requests are due at a fixed rate and wait for a free lane, and each one's time counts from when it was due: a stall is
 * felt by all that would have come in it (no "coordinated omission"). Spins, since timers are a millisecond wide.
 * @param options.rate requests a second
 */
export function openLoop(options: {
  readonly requests: readonly PreparedRequest[];
  readonly rate: number;
  readonly lanes: readonly Lane[];
}): Loop {
  const next = inTurn(options.requests);
  const gapMs = 1_000 / options.rate;
  const free: Lane[] = [];
  let running = true;
  let dueAt = 0;
  let endAt = Infinity;

  const send = (): void => {
    const until = Math.min(endAt, performance.now());
    while (dueAt <= until) {
      const lane = free.shift();
      if (lane === undefined) return;
      lane.startedAt = dueAt;
      dueAt += gapMs;
      lane.send(next());
    }
  };
  const spin = (): void => {
    send();
    if (running) setImmediate(spin);
  };
  return {
    begin() {
      dueAt = performance.now();
      spin();
    },
    onFree(lane) {
      free.push(lane);
      if (!running) send();
    },
    end() {
      running = false;
      endAt = performance.now();
      send();
    },
    waiting: () => Math.max(0, Math.floor((endAt - dueAt) / gapMs)),
  };
}

function inTurn<T>(list: readonly T[]): () => T {
  let at = 0;
  return () => {
    at = (at + 1) % list.length;
    return list[at] as T;
  };
}
