import { beforeEach, describe, expect, it } from '@jest/globals';
import { createFlagStore, type FlagStore } from '#flags/flag-store.ts';

const features = { namespace: 'features' };

describe('the store between LaunchDarkly’s SDK and its evaluator', () => {
  let store: FlagStore;
  let told: string[];

  beforeEach(() => {
    store = createFlagStore();
    told = [];
    store.init({ features: { a: { version: 1 }, b: { version: 1 } }, segments: {} }, () => {});
    store.follow({ onChange: () => told.push('change'), onAll: () => told.push('all') });
  });

  const all = (): string[] => {
    let keys: string[] = [];
    store.all(features, (items) => (keys = Object.keys(items)));
    return keys;
  };

  it('tells a follower of what was there before', () => {
    expect(told).toEqual(['change', 'all']);
  });

  it('does not show what was deleted, and does not bring it back by an older version', () => {
    store.delete(features, 'a', 2, () => {});
    store.upsert(features, { key: 'a', version: 2 }, () => {});
    expect(all()).toEqual(['b']);
    store.get(features, 'a', (item) => expect(item).toBeNull());
    store.upsert(features, { key: 'a', version: 3 }, () => {});
    expect(all()).toEqual(['a', 'b']);
    expect(store.version()).toBe(3);
    expect(told).toEqual(['change', 'all', 'change', 'change']);
  });

  it('tells the SDK first, then of the change, then of all', () => {
    told.length = 0;
    store.init({ features: { a: { version: 2 } } }, () => told.push('sdk'));
    expect(told).toEqual(['sdk', 'change', 'all']);
    store.init({ features: { a: { version: 2 } } }, () => told.push('sdk'));
    expect(told).toEqual(['sdk', 'change', 'all', 'sdk', 'all']);
  });

  it('has begun when the first data came', () => {
    const fresh = createFlagStore();
    const begun: boolean[] = [];
    fresh.initialized((is) => begun.push(is));
    fresh.init({}, () => {});
    fresh.initialized((is) => begun.push(is));
    expect(begun).toEqual([false, true]);
    fresh.close();
  });
});
