import { describe, expect, it } from '@jest/globals';
import type { LDClient } from '@launchdarkly/node-server-sdk';
import { createEvaluator } from '#flags/evaluation.ts';
import { createFlagErrors } from '#flags/flag-errors.ts';
import { createFlagStore } from '#flags/flag-store.ts';
import { key, now, route, silent, wanted } from './flag-files.ts';

const answers: Readonly<Record<string, unknown>> = { stage: 'shadow', reads: true, kill: false };

describe('the stage, the kill switch and the answers for the last keys', () => {
  it('are asked once for each state of the flags, and again when they are to show as used', () => {
    const asked: string[] = [];
    const variationDetail: LDClient['variationDetail'] = (flag, _context, _fallback, callback) => {
      asked.push(flag);
      const detail = { value: answers[flag], variationIndex: 0, reason: { kind: 'FALLTHROUGH' } };
      callback?.(undefined, detail);
      return Promise.resolve(detail);
    };
    const store = createFlagStore();
    const evaluator = createEvaluator({
      client: { variationDetail },
      store,
      errors: createFlagErrors(silent),
      wanted,
    });
    store.follow({ onChange: evaluator.refresh, onAll: () => {} });
    const items = Object.fromEntries(Object.keys(answers).map((flag) => [flag, { version: 1 }]));
    store.init({ features: items, segments: {} }, () => {});
    const request = (id = '42'): string[] => {
      asked.length = 0;
      expect(now(evaluator.evaluate(route, key(id)))).toMatchObject({
        stage: 'shadow',
        killed: false,
        read: true,
      });
      return [...asked];
    };

    // With the data, before anybody wants to know: what is never seen could not stay in force.
    expect(asked).toEqual(['stage', 'kill']);
    expect(request()).toEqual(['reads']);
    expect(request()).toEqual([]);
    expect(request('43')).toEqual(['reads']);
    expect(request('42')).toEqual([]);
    evaluator.forget();
    expect(request()).toEqual(['stage', 'kill', 'reads']);
    asked.length = 0;
    store.upsert({ namespace: 'features' }, { key: 'other', version: 1 }, () => {});
    expect(asked).toEqual(['stage', 'kill']);
    expect(request()).toEqual(['reads']);
  });
});
