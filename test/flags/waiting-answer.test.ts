import { describe, expect, it } from '@jest/globals';
import type { LDEvaluationDetail } from '@launchdarkly/node-server-sdk';
import { createEvaluator } from '#flags/evaluation.ts';
import { createFlagErrors } from '#flags/flag-errors.ts';
import { createFlagStore } from '#flags/flag-store.ts';
import { key, route, silent, stageFlag, wanted } from './flag-files.ts';

function detail(value: unknown): LDEvaluationDetail {
  return { value, variationIndex: 0, reason: { kind: 'FALLTHROUGH' } };
}

describe('a request whose answer LaunchDarkly’s evaluator makes it wait for', () => {
  it('is asked again when the flags change meanwhile, so that no answer is of two states', async () => {
    // Before the change: shadow and everybody shared. After it: live and nobody shared.
    let values: Readonly<Record<string, unknown>> = { stage: 'shadow', reads: true, kill: false };
    const gate = Promise.withResolvers<void>();
    const store = createFlagStore();
    const evaluator = createEvaluator({
      client: {
        variationDetail: async (flag) => {
          const answer = detail(values[flag]);
          if (flag === 'reads') await gate.promise;
          return answer;
        },
      },
      store,
      errors: createFlagErrors(silent),
      wanted,
    });
    store.follow({ onChange: evaluator.refresh, onAll: () => {} });
    const data = (version: number) => ({
      features: { stage: { version }, reads: { version }, kill: { version } },
    });
    store.init(data(1), () => {});

    const answer = evaluator.evaluate(route, key('42'));
    // Let it come as far as the read flag.
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    values = { stage: 'live', reads: false, kill: false };
    store.init(data(2), () => {});
    expect(evaluator.stage(stageFlag)).toBe('shadow');
    gate.resolve();
    expect(await answer).toEqual({ stage: 'live', killed: false, read: false, version: 2 });
    expect(evaluator.stage(stageFlag)).toBe('live');
  });

  it('keeps the newer answer when an older one comes after it', async () => {
    const late: ((detail: LDEvaluationDetail) => void)[] = [];
    const store = createFlagStore();
    const evaluator = createEvaluator({
      client: { variationDetail: () => new Promise((resolve) => late.push(resolve)) },
      store,
      errors: createFlagErrors(silent),
      wanted,
    });
    store.follow({ onChange: evaluator.refresh, onAll: () => {} });
    store.init({ features: { stage: { version: 1 } } }, () => {});
    expect(evaluator.stage(stageFlag)).toBe('off');
    store.init({ features: { stage: { version: 2 } } }, () => {});
    expect(evaluator.stage(stageFlag)).toBe('off');
    const [older] = late;
    const newer = late.at(-1);
    newer?.(detail('live'));
    older?.(detail('shadow'));
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
    expect(evaluator.stage(stageFlag)).toBe('live');
  });
});
