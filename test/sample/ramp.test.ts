import { expect, test } from '@jest/globals';
import type { SampleEvent } from '#sample/events.ts';
import { createRamp, type RampOptions } from '#sample/ramp.ts';
import { rampSteps, type RampStep } from '#sample/ramp-steps.ts';

const steps = rampSteps('linux');

interface Stand {
  readonly applied: RampStep[];
  readonly events: SampleEvent[];
  readonly options: RampOptions;
}

function stand(change: Partial<RampOptions> = {}): Stand {
  const applied: RampStep[] = [];
  const events: SampleEvent[] = [];
  const options: RampOptions = {
    steps,
    stepMs: 2,
    apply: async (step) => void applied.push(step),
    trouble: async () => undefined,
    failures: () => 0,
    tell: (event) => events.push(event),
    signal: new AbortController().signal,
    ...change,
  };
  return { applied, events, options };
}

test('the steps go up to all reads, to a move there, back to off, there again, and to the end, each told', async () => {
  const { applied, events, options } = stand();
  const ramp = createRamp(options);
  expect(await ramp.run()).toBe('complete');
  expect(applied).toEqual(steps);
  expect(steps.slice(-11).map(({ stage, share, work = '' }) => `${stage} ${share} ${work}`.trim())).toEqual([
    'shadow 100',
    'live 100',
    'rampdown 100',
    'shadow 100',
    'off 0',
    'dualwrite 0',
    'shadow 100',
    'live 100',
    'rampdown 100',
    'rampdown 100 release',
    'complete 100 complete',
  ]);
  expect(events.map((event) => event.event)).toEqual([...steps.map(() => 'step'), 'ramp-complete']);
  expect(ramp.model()).toMatchObject({
    phase: 'complete',
    stage: 'complete',
    share: 100,
    step: 20,
    steps: 20,
  });
});

test('a failed user request takes all reads back at once', async () => {
  let failed = 3;
  const applied: RampStep[] = [];
  const { events, options } = stand({
    // Those from before the ramp do not count against it.
    failures: () => failed,
    apply: async (step) => {
      applied.push(step);
      if (step.share === 25) failed += 2;
    },
  });
  const ramp = createRamp(options);
  expect(await ramp.run()).toBe('rolled-back');
  expect(applied.at(-1)).toEqual({ stage: 'shadow', share: 0 });
  expect(applied.some(({ share }) => share > 25)).toBe(false);
  expect(events.at(-1)).toEqual({ event: 'rolled-back', reason: '2 user requests failed at shadow 25 %' });
  expect(ramp.model()).toMatchObject({ phase: 'rolled-back', share: 0 });
});

test('also after the last step a failure takes them back', async () => {
  let failed = 0;
  const { applied, options } = stand({ failures: () => failed });
  const ramp = createRamp(options);
  await ramp.run();
  failed = 1;
  expect(await ramp.guard()).toBe('rolled-back');
  expect(applied.at(-1)).toEqual({ stage: 'shadow', share: 0 });
});

test('once it is final a failure is told, each time, and nothing is taken back', async () => {
  let failed = 0;
  const { applied, events, options } = stand({
    failures: () => failed,
    isFinal: () => applied.length === steps.length,
    // In the last step, when it is final already.
    tell: (event) => {
      events.push(event);
      if (event.event === 'step' && event.step === steps.length) failed = 1;
    },
  });
  const ramp = createRamp(options);
  expect(await ramp.run()).toBe('complete');
  failed = 3;
  expect(await ramp.guard()).toBe('complete');
  expect(applied).toEqual(steps);
  expect(events.flatMap((event) => (event.event === 'no-way-back' ? [event.reason] : []))).toEqual([
    '1 user request failed at complete 100 %',
    '2 user requests failed at complete 100 %',
  ]);
  expect(ramp.model()).toMatchObject({ phase: 'complete', stage: 'complete', share: 100 });
});

test('a request that failed while it was held up is seen before the next step, not after it', async () => {
  let failed = 0;
  let looks = 0;
  const { applied, options } = stand({
    steps: [
      { stage: 'shadow', share: 100 },
      { stage: 'complete', share: 100, work: 'complete' },
    ],
    failures: () => failed,
    trouble: async () => {
      if ((looks += 1) === 2) failed = 1;
      return undefined;
    },
  });
  expect(await createRamp(options).run()).toBe('rolled-back');
  expect(applied.map(({ stage, share }) => `${stage} ${share}`)).toEqual(['shadow 100', 'shadow 0']);
});

test('without SIGHUP it ends where the proxy would have to be sent to a new release', () => {
  expect(rampSteps('win32')).toEqual(steps.slice(0, -2));
});

test('each step is asked for with the one before it', async () => {
  const asked: string[] = [];
  const { options } = stand({
    trouble: async (next, now) => void asked.push(`${now?.stage ?? 'none'} → ${next.stage}`),
  });
  await createRamp(options).run();
  expect(asked.slice(0, 2)).toEqual(['none → off', 'off → dualwrite']);
  expect(asked.slice(-3)).toEqual(['live → rampdown', 'rampdown → rampdown', 'rampdown → complete']);
});

test('it holds, and says once why, while a part is not well or the flags cannot be written', async () => {
  let looks = 0;
  let writes = 0;
  const { events, options } = stand({
    steps: [{ stage: 'shadow', share: 1 }],
    trouble: async () => ((looks += 1) <= 2 ? 'user-service is not running' : undefined),
    apply: async () => {
      if ((writes += 1) === 1) throw new Error('flags.json cannot be used');
    },
  });
  expect(await createRamp(options).run()).toBe('complete');
  expect(events.map((event) => ('reason' in event ? event.reason : event.event))).toEqual([
    'user-service is not running',
    'flags.json cannot be used',
    'step',
    'ramp-complete',
  ]);
});

test('an abort ends it where it stands', async () => {
  const abort = new AbortController();
  const { events, options } = stand({ stepMs: 60_000, signal: abort.signal });
  const run = createRamp(options).run();
  await Promise.resolve();
  abort.abort();
  await expect(run).rejects.toThrow(/abort/);
  expect(events.length).toBeLessThan(3);
});
