import type { Engine } from '#proxy/cutover/engine.types.ts';
import type { Stream } from '#proxy/cutover/stream/start-stream.ts';
import type { VerifyReport } from '#proxy/cutover/verify/verify.types.ts';

export interface FakeEngine extends Engine {
  /** What was called, in sequence. */
  readonly calls: string[];
  /** What the next call of that name throws, once. */
  readonly failures: Map<string, Error>;
  capture: string | undefined;
  installedSides: boolean;
  /** Differences that the next verifications find. */
  differences: number[];
  streamState: 'following' | 'stopped';
  complete: boolean;
  /** Whether the service still owns something, which the stage off wants back. */
  hasToComeBack: boolean;
}

export function fakeEngine(): FakeEngine {
  const calls: string[] = [];
  const failures = new Map<string, Error>();
  const called = (name: string): void => {
    calls.push(name);
    const failure = failures.get(name);
    failures.delete(name);
    if (failure !== undefined) throw failure;
  };
  const fake: FakeEngine = {
    calls,
    failures,
    capture: 'the stage is off',
    installedSides: true,
    differences: [],
    streamState: 'following',
    complete: false,
    hasToComeBack: false,
    installed: async () => (fake.installedSides ? { version: 1, differences: [] } : undefined),
    ownerOf: async () => 'monolith',
    captureState: async () => ({ groups: [{ group: 'all', stopped: fake.capture }] }),
    async startCapture(_plan, side) {
      called(`startCapture ${side}`);
      if (side === 'service') fake.capture = undefined;
    },
    async stopCapture(_plan, side, reason) {
      called(`stopCapture ${side}`);
      if (side === 'service' || reason !== 'the stage is off') fake.capture = reason;
    },
    async startStream({ from }) {
      called(`stream ${from}`);
      return {
        from,
        status: () =>
          ({
            from,
            lagMs: 5,
            parked: 0,
            rate: 0,
            groups: [
              {
                group: 'all',
                state: fake.streamState,
                failure:
                  fake.streamState === 'stopped'
                    ? { code: 'over-limit', message: 'the outbox is over its limit' }
                    : undefined,
              },
            ],
          }) as never,
        stop: async () => called(`stopped ${from}`),
      } as Partial<Stream> as Stream;
    },
    openBackfill: async () => undefined,
    async startBackfill({ to, onProgress }) {
      onProgress?.({
        dataset: 'items',
        rows: 1,
        estimated: 2,
        rowsPerSecond: 1,
        etaMs: 1,
        parked: 0,
        brake: undefined,
      });
      called(`backfill ${to}`);
      return { datasets: [], tookMs: 1 };
    },
    async beginAnew({ from }) {
      called(`anew from ${from}`);
      return [];
    },
    async trimVersions() {
      called('trim');
      return 0;
    },
    async trimAudit() {
      called('trim audit');
    },
    async verify() {
      called('verify');
      const differences = fake.differences.shift() ?? 0;
      return {
        equal: differences === 0,
        datasets: [{ dataset: 'items', rows: 9, differences }],
        differences: [],
        chanceOfMiss: 0,
      } as unknown as VerifyReport;
    },
    async repair() {
      called('repair');
      return { dryRun: false, repaired: 1, deleted: 0, equalAlready: 0, failed: [] };
    },
    recordVerification: async () => undefined,
    needsCopy: async () => true,
    wantedMoves: async (_plan, stage) =>
      fake.hasToComeBack && stage === 'off'
        ? [{ group: 'all', to: 'monolith', buckets: [0], checks: 'safe' }]
        : [],
    moveBuckets: async () => {
      throw new Error('nothing is to be moved');
    },
    openLook: (plan) => ({
      closeSplits: async () => [],
      wantedMoves: async (stage) => fake.wantedMoves(plan, stage),
      close: async () => undefined,
    }),
    isComplete: async () => fake.complete,
    startContinuousVerify() {
      called('sample');
      return {
        status: () => ({ done: 0, rounds: 0, lastRoundAt: undefined, differences: 0, behind: false }),
        stop: async () => called('stopped sample'),
      };
    },
  };
  return fake;
}
