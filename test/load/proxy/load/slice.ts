import { setTimeout as delay } from 'node:timers/promises';
import { createHistogram } from './histogram.ts';
import { createLane, type Lane } from './lane.ts';
import { closedLoop, openLoop, type Loop } from './loops.ts';
import { payload } from './payload.ts';
import { prepareRequests, type Method, type PreparedRequest } from './requests.ts';
import type { Upstream } from './upstream.ts';
import { cpuOfAll, cpuOfMachine, forgetPeak, peakMemoryOf } from './usage.ts';

/** A short stretch of load on one proxy. */
export interface SlicePlan {
  readonly port: number;
  readonly method: Method;
  /** Bytes of the answer to a GET, or of a POST's request. */
  readonly bodyBytes: number;
  readonly connections: number;
  readonly keepAlive: boolean;
  /** Milliseconds before anything counts. */
  readonly warmUpMs: number;
  /** Milliseconds that count. */
  readonly measureMs: number;
  /** Ends the slice when so many have been answered after the warm-up, if that comes first. */
  readonly maxRequests?: number;
  /** Requests a second that are due whatever the proxy does; without it each connection asks again when answered. */
  readonly rate?: number;
  /** The proxy's processes. */
  readonly pids: readonly number[];
}

export interface SliceResult {
  readonly requests: number;
  /** How long they took in all. Milliseconds. */
  readonly elapsedMs: number;
  /** Microseconds of the proxy's CPU in that time. */
  readonly cpuUs: number;
  /** Microseconds of CPU of the load side itself. */
  readonly loadCpuUs: number;
  /** Microseconds of CPU of everything else on the machine: what disturbed. */
  readonly othersCpuUs: number;
  /** Microseconds. With a rate: from when the request was due. */
  readonly latency: { readonly p50: number; readonly p99: number; readonly p999: number };
  /** Bytes. */
  readonly peakMemory: number;
  /** What went wrong, one sentence each; at most `maxTroubles`. */
  readonly troubles: readonly string[];
}

/** A proxy that errs is out, so a few examples will do. */
const maxTroubles = 10;
const lastAnswersMs = 5_000;
const openedAtOnce = 64;

export async function runSlice(plan: SlicePlan, upstream: Upstream): Promise<SliceResult> {
  const { body, requests } = preparedFor(plan);
  upstream.serve(body);
  upstream.takeTroubles();
  const latency = createHistogram();
  const troubles: string[] = [];
  const ended = new AbortController();
  const measuring = { on: false, answered: 0 };

  const onDone = (lane: Lane): void => {
    if (measuring.on) {
      latency.record((performance.now() - lane.startedAt) * 1_000);
      measuring.answered += 1;
      if (measuring.answered === plan.maxRequests) ended.abort();
    }
    loop.onFree(lane);
  };
  const lanes = Array.from({ length: plan.connections }, () =>
    createLane({
      port: plan.port,
      keepAlive: plan.keepAlive,
      onAnswer: onDone,
      onTrouble(lane, what) {
        if (troubles.length < maxTroubles) troubles.push(what);
        if (troubles.length < maxTroubles) loop.onFree(lane);
        else ended.abort();
      },
    }),
  );
  const loop: Loop =
    plan.rate === undefined ? closedLoop(requests) : openLoop({ requests, rate: plan.rate, lanes });

  for (let at = 0; at < lanes.length; at += openedAtOnce) {
    const some = lanes.slice(at, at + openedAtOnce);
    if (plan.keepAlive) await Promise.all(some.map((lane) => lane.open()));
    else await delay(2);
    for (const lane of some) loop.onFree(lane);
  }
  loop.begin();
  await until(plan.warmUpMs, ended.signal);

  forgetPeak(plan.pids);
  const before = {
    at: performance.now(),
    cpu: cpuOfAll(plan.pids),
    own: process.cpuUsage(),
    all: cpuOfMachine(),
  };
  measuring.on = true;
  await until(plan.measureMs, ended.signal);
  measuring.on = plan.rate !== undefined;
  const elapsedMs = performance.now() - before.at;
  const cpuUs = cpuOfAll(plan.pids) - before.cpu;
  const own = process.cpuUsage(before.own);
  const loadCpuUs = own.user + own.system;
  const othersCpuUs = Math.max(0, cpuOfMachine() - before.all - cpuUs - loadCpuUs);
  const answered = measuring.answered;
  const peakMemory = peakMemoryOf(plan.pids);

  loop.end();
  // At a fixed rate, what was due in time counts however late it comes: leaving it out would hide the worst.
  const unanswered = await lastAnswers(lanes, () => loop.waiting());
  if (unanswered > 0) troubles.push(`${unanswered} requests were not answered within ${lastAnswersMs} ms`);
  for (const lane of lanes) lane.close();
  return {
    requests: answered,
    elapsedMs,
    cpuUs,
    loadCpuUs,
    othersCpuUs,
    latency: { p50: latency.percentile(50), p99: latency.percentile(99), p999: latency.percentile(99.9) },
    peakMemory,
    troubles: [...troubles, ...upstream.takeTroubles()].slice(0, maxTroubles),
  };
}

let prepared:
  | { readonly key: string; readonly body: Buffer; readonly requests: readonly PreparedRequest[] }
  | undefined;

/** What is written for one slice serves the next ones of the same case. */
function preparedFor({ method, bodyBytes, keepAlive }: SlicePlan): NonNullable<typeof prepared> {
  const key = `${method} ${bodyBytes} ${keepAlive}`;
  if (prepared?.key === key) return prepared;
  const body = payload(bodyBytes);
  prepared = { key, body, requests: prepareRequests({ method, body, keepAlive }) };
  return prepared;
}

/** Waits so many milliseconds, or less when the slice has ended. */
async function until(milliseconds: number, ended: AbortSignal): Promise<void> {
  await delay(milliseconds, undefined, { signal: ended }).catch(() => {});
}

async function lastAnswers(lanes: readonly Lane[], waiting: () => number): Promise<number> {
  for (const deadline = performance.now() + lastAnswersMs; ; await delay(5)) {
    const left = lanes.filter((lane) => lane.busy).length + waiting();
    if (left === 0 || performance.now() > deadline) return left;
  }
}
