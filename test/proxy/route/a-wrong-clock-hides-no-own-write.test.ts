import { describe, expect, test } from '@jest/globals';
import { createControlClock } from '#proxy/route/control-clock.ts';
import { get, put, withSides, type Sides } from '#test/support/raw-http/with-sides.ts';

const versionSecret = 'a secret of some length';
const hour = 3_600_000;

/** What control says each time: how far the service's copy is, by its own clock, which is right. */
function control(sides: Sides, through: number): void {
  sides.ownership.learn({
    source: 'control',
    sentAt: Date.now(),
    copied: [{ migration: 'items', to: 'service', through }],
  });
}

test.each([
  ['slow', -hour],
  ['fast', hour],
])('a proxy whose clock is %s by an hour stamps writes by control’s', async (_, off) => {
  const ownership = { versionSecret, now: () => Date.now() + off };
  await withSides({ ownership }, async (sides) => {
    sides.say({ stage: 'shadow', read: true });
    const before = Date.now();
    control(sides, before);
    const [seen = ''] = (await sides.ask(put('a'))).all('banyan-seen');
    expect((await sides.ask(get())).body).toBe('monolith ');
    await withSides({ ownership: { versionSecret } }, async (elsewhere) => {
      elsewhere.say({ stage: 'shadow', read: true });
      control(elsewhere, before);
      const read = get('/items/8', `Banyan-Seen: ${seen}\r\n`);
      expect((await elsewhere.ask(read)).body).toBe('monolith ');
      control(elsewhere, Date.now() + 1_000);
      expect((await elsewhere.ask(read)).body).toBe('service ');
    });
    control(sides, Date.now() + 1_000);
    expect((await sides.ask(get())).body).toBe('service ');
  });
});

describe('control’s clock', () => {
  const clockAt = () => {
    const at = { monotonic: 5_000 };
    const clock = createControlClock(
      () => 7,
      () => at.monotonic,
    );
    return { at, clock };
  };

  test('is one’s own until control is heard', () => {
    const { at, clock } = clockAt();
    expect(clock.now()).toBe(7);
    expect(clock.heard(1_000_000)).toBe(false);
    expect(clock.now()).toBeGreaterThanOrEqual(1_000_000);
    at.monotonic += 500;
    expect(clock.now()).toBeGreaterThanOrEqual(1_000_500);
    expect(clock.now()).toBeLessThan(1_000_600);
  });

  test('is not set back by words that were long on their way', () => {
    const { at, clock } = clockAt();
    clock.heard(1_000_000);
    at.monotonic += 30_000;
    expect(clock.heard(1_000_100)).toBe(false);
    expect(clock.heard(1_000_200)).toBe(false);
    expect(clock.now()).toBeGreaterThanOrEqual(1_030_000);
    at.monotonic += 50;
    expect(clock.heard(1_030_050)).toBe(false);
    expect(clock.now()).toBeGreaterThanOrEqual(1_030_050);
  });

  test('goes back with control’s, once no word of ten seconds says otherwise, and tells it', () => {
    const { at, clock } = clockAt();
    const told: boolean[] = [];
    for (let spoken = 0; spoken < 30; spoken += 1) {
      told.push(clock.heard(1_000_000 + spoken * 1_000 - (spoken > 2 ? hour : 0)));
      at.monotonic += 1_000;
    }
    expect(told.filter(Boolean)).toHaveLength(1);
    expect(told.indexOf(true)).toBeGreaterThan(10);
    expect(clock.now()).toBeLessThan(1_000_000);
  });
});
