import type { LiveModel } from '#sample/live-model.ts';

const latency = { count: 900, p50: 4.21, p90: 8, p99: 23.4, max: 40 };

/** A run in its sixth step. */
export const model: LiveModel = {
  elapsedSeconds: 83.2,
  ramp: {
    phase: 'ramping',
    stage: 'shadow',
    share: 25,
    moving: false,
    step: 7,
    steps: 10,
    secondsLeft: 3.4,
    reason: undefined,
  },
  inForce: {
    stage: 'shadow',
    killed: false,
    shares: { least: 25, most: 25, exceptions: false },
  },
  reads: {
    monolith: { name: 'monolith', total: 12_345, perSecond: 30.2, latency },
    service: { name: 'user-service', total: 678, perSecond: 9.9, latency: { ...latency, p50: 0.42 } },
  },
  observedShare: 24.7,
  users: {
    ok: 15_000,
    refused: 211,
    failed: 0,
    unsent: 0,
    inFlight: 3,
    recent: latency,
    overall: { p50: 4.2, p99: 30, max: 512 },
    failures: [],
    perSecond: 100.2,
  },
  shadow: { eligible: 13_000, compared: 12_990, different: 0, differences: [] },
  flags: { state: 'current', lastError: undefined, firstProblem: undefined },
  processes: [
    { name: 'monolith', pid: 101, restarts: 0 },
    { name: 'user-service', pid: 102, restarts: 2 },
    { name: 'proxy', pid: 103, restarts: 0 },
  ],
  places: {
    proxyUrl: 'http://127.0.0.1:8080',
    adminUrl: 'http://127.0.0.1:8081',
    dataFolder: '/repo/.data',
    flagFile: '/repo/.data/flags.json',
  },
};
