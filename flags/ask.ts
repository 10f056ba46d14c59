import type { LDClient, LDContext, LDEvaluationDetail } from '@launchdarkly/node-server-sdk';
import { messageOf } from '#shared/errors/message.ts';
import { wrongRollouts } from './context-kinds.ts';
import { flagKinds, type FlagDefinition, type FlagKindRule, type FlagValue } from './definitions.ts';
import type { FlagError, FlagErrors } from './flag-errors.ts';
import type { FlagStore } from './flag-store.ts';
import type { FlagLookup } from './reachable.ts';
import { createStandIns, type Fault, type StandIns } from './stand-in.ts';

/** One flag that is asked for, and whether it may be. */
export interface Subject<Value extends FlagValue> {
  readonly definition: FlagDefinition;
  readonly rule: FlagKindRule;
  readonly safe: Value;
  /** Answers in its place when it cannot be asked. */
  readonly standIns: StandIns;
  /** Why the flag must not be asked. */
  wrong: string | undefined;
  /** Version of the store that `wrong` tells of; -1 before the first look. */
  inspected: number;
}

export interface Asker {
  /**
   * The SDK's answer. Where the flag is unknown, of the wrong type, wrongly rolled out or broken: its last good answer if
   * its kind keeps one, else the safe one. A promise only if the evaluator cannot answer at once; it never rejects.
   */
  readonly ask: <Value extends FlagValue>(
    subject: Subject<Value>,
    context: LDContext,
  ) => Value | Promise<Value>;
  /** Looks for rollouts that must not decide, once for each state of the flags. */
  readonly inspect: (subject: Subject<FlagValue>) => void;
  /** Answers so far that were given because a flag could not be asked; who keeps answers keeps none of those. */
  readonly faults: () => number;
}

export interface AskerOptions {
  readonly client: Pick<LDClient, 'variationDetail'>;
  readonly store: FlagStore;
  readonly errors: FlagErrors;
}

/** A question, and the state of the flags to which it was put. */
interface Asked<Value extends FlagValue> {
  readonly subject: Subject<Value>;
  readonly version: number;
}

/**
 * Asks the SDK's evaluator for single flags. `variationDetail` runs its callback before it returns wherever the evaluator
 * needs no promise of its own: that is what lets a request be answered without a wait. Migration flags are asked that way
 * as well, and not by `migrationVariation`, which only answers later and makes a tracker for each call.
 */
export function createAsker({ client, store, errors }: AskerOptions): Asker {
  const lookup = { flag: store.flag, segment: store.segment } as FlagLookup;
  let answered: LDEvaluationDetail | undefined;
  let faults = 0;
  const keep = (_error: unknown, detail: LDEvaluationDetail): void => {
    answered = detail;
  };

  const ask = <Value extends FlagValue>(
    subject: Subject<Value>,
    context: LDContext,
  ): Value | Promise<Value> => {
    const { key } = subject.definition;
    const asked = { subject, version: store.version() };
    // Without data the SDK would answer the default as well, and log it each time.
    if (asked.version === 0) return subject.safe;
    if (store.flag(key) === undefined)
      return instead(asked, { code: 'unknown', detail: `there is no flag "${key}"` });
    inspect(subject);
    if (subject.wrong !== undefined) return instead(asked, { code: 'wrong-rollout', detail: subject.wrong });
    answered = undefined;
    const later = client.variationDetail(key, context, undefined, keep);
    if (answered !== undefined) return judge(asked, answered);
    return later.then(
      (detail) => judge(asked, detail),
      // The evaluator throws on data that lack what it takes for granted.
      (error: unknown) => broken(asked, messageOf(error)),
    );
  };

  const judge = <Value extends FlagValue>(asked: Asked<Value>, detail: LDEvaluationDetail): Value => {
    const { definition, rule, safe } = asked.subject;
    const { value, reason } = detail as { value: unknown; reason: LDEvaluationDetail['reason'] };
    if (rule.accepts(value)) return good(asked, value as Value);
    if (reason.kind === 'ERROR') return broken(asked, reason.errorKind ?? 'no reason told');
    if (value !== undefined) {
      const shown = JSON.stringify(value).slice(0, 80);
      const wrong = `flag "${definition.key}" is ${shown}, and must be ${rule.values}`;
      return instead(asked, { code: 'wrong-type', detail: wrong });
    }
    // Without an off variation LaunchDarkly leaves the answer to us.
    if (rule.offIsSafe) return good(asked, safe);
    const why = reason.kind === 'PREREQUISITE_FAILED' ? 'fails a prerequisite' : 'is off';
    const detailed = `flag "${definition.key}" ${why} and has no off variation, so it has no value`;
    return instead(asked, { code: 'no-value', detail: detailed });
  };

  const good = <Value extends FlagValue>({ subject, version }: Asked<Value>, value: Value): Value => {
    subject.standIns.good(value, version);
    return value;
  };

  const broken = <Value extends FlagValue>(asked: Asked<Value>, reason: string): Value =>
    instead(asked, {
      code: 'evaluation',
      detail: `flag "${asked.subject.definition.key}" cannot be evaluated (${reason})`,
    });

  const instead = <Value extends FlagValue>({ subject, version }: Asked<Value>, fault: Fault): Value => {
    faults += 1;
    errors.count(told(subject, fault));
    return subject.standIns.failed(fault, version) as Value;
  };

  const told = ({ definition, standIns }: Subject<FlagValue>, fault: Fault): FlagError => {
    const version = store.flag(definition.key)?.version ?? -1;
    return { ...fault, flag: definition.key, instead: standIns.means(), version };
  };

  const inspect = (subject: Subject<FlagValue>): void => {
    if (subject.inspected === store.version()) return;
    subject.inspected = store.version();
    subject.wrong = wrongRollout(lookup, subject);
    if (subject.wrong !== undefined)
      errors.tell(told(subject, { code: 'wrong-rollout', detail: subject.wrong }));
  };

  return { ask, inspect, faults: () => faults };
}

export function subjectOf(definition: FlagDefinition): Subject<FlagValue> {
  const rule = flagKinds[definition.kind];
  const standIns = createStandIns(definition, rule);
  return { definition, rule, safe: rule.safe, standIns, wrong: undefined, inspected: -1 };
}

function wrongRollout(
  lookup: FlagLookup,
  { definition: { key }, rule }: Subject<FlagValue>,
): string | undefined {
  try {
    const [wrong] = wrongRollouts(lookup, key, rule.contextKind);
    if (wrong === undefined) return undefined;
    return `flag "${key}" cannot be asked as ${rule.name}: ${wrong.path.join('.')} ${wrong.message}`;
  } catch (error) {
    // Data from outside, of any shape: what cannot be checked must not decide.
    return `flag "${key}" has data that cannot be read (${messageOf(error)})`;
  }
}
