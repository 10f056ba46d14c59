import type { LDClient, LDContext, LDEvaluationDetail } from '@launchdarkly/node-server-sdk';
import { wrongRollouts, type FlagLookup } from './context-kinds.ts';
import { flagKinds, type FlagDefinition, type FlagKindRule, type FlagValue } from './definitions.ts';
import type { FlagErrorCode, FlagErrors } from './flag-errors.ts';
import type { FlagStore } from './flag-store.ts';

/** One flag that is asked for, and whether it may be. */
export interface Subject<Value extends FlagValue> {
  readonly definition: FlagDefinition;
  readonly rule: FlagKindRule;
  readonly safe: Value;
  /** Why the flag must not be asked. */
  wrong: string | undefined;
  /** Version of the store that `wrong` tells of; -1 before the first look. */
  inspected: number;
}

export interface Asker {
  /**
   * The SDK's answer, or the safe one where the flag is unknown, of the wrong type, wrongly rolled out or broken. A
   * promise only if the evaluator cannot answer at once; it never rejects.
   */
  readonly ask: <Value extends FlagValue>(
    subject: Subject<Value>,
    context: LDContext,
  ) => Value | Promise<Value>;
  /** Looks for rollouts that must not decide, once for each state of the flags. */
  readonly inspect: (subject: Subject<FlagValue>) => void;
  /** Safe answers so far that were given because a flag could not be asked; who keeps answers keeps none of those. */
  readonly faults: () => number;
}

export interface AskerOptions {
  readonly client: Pick<LDClient, 'variationDetail'>;
  readonly store: FlagStore;
  readonly errors: FlagErrors;
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
    // Without data the SDK would answer the default as well, and log it each time.
    if (store.version() === 0) return subject.safe;
    if (store.flag(key) === undefined) return safely(subject, 'unknown', `there is no flag "${key}"`);
    inspect(subject);
    if (subject.wrong !== undefined) return safely(subject, 'wrong-rollout', subject.wrong);
    answered = undefined;
    const later = client.variationDetail(key, context, undefined, keep);
    if (answered !== undefined) return judge(subject, answered);
    return later.then(
      (detail) => judge(subject, detail),
      // The evaluator throws on data that lack what it takes for granted.
      (error: unknown) => broken(subject, messageOf(error)),
    );
  };

  const judge = <Value extends FlagValue>(subject: Subject<Value>, detail: LDEvaluationDetail): Value => {
    const { key } = subject.definition;
    const { accepts, values } = subject.rule;
    const { value, reason } = detail as { value: unknown; reason: LDEvaluationDetail['reason'] };
    if (accepts(value)) return value as Value;
    if (reason.kind === 'ERROR') return broken(subject, reason.errorKind ?? 'no reason told');
    // A flag that is off and has no off variation leaves the answer to us.
    if (value === undefined) return subject.safe;
    return safely(
      subject,
      'wrong-type',
      `flag "${key}" is ${JSON.stringify(value).slice(0, 80)}, and must be ${values}`,
    );
  };

  const broken = <Value extends FlagValue>(subject: Subject<Value>, reason: string): Value =>
    safely(subject, 'evaluation', `flag "${subject.definition.key}" cannot be evaluated (${reason})`);

  const safely = <Value extends FlagValue>(
    subject: Subject<Value>,
    code: FlagErrorCode,
    detail: string,
  ): Value => {
    const flag = subject.definition.key;
    faults += 1;
    errors.count({ flag, code, detail, version: store.flag(flag)?.version ?? -1 });
    return subject.safe;
  };

  const inspect = (subject: Subject<FlagValue>): void => {
    if (subject.inspected === store.version()) return;
    subject.inspected = store.version();
    subject.wrong = wrongRollout(lookup, subject);
    if (subject.wrong === undefined) return;
    const flag = subject.definition.key;
    errors.tell({
      flag,
      code: 'wrong-rollout',
      detail: subject.wrong,
      version: store.flag(flag)?.version ?? -1,
    });
  };

  return { ask, inspect, faults: () => faults };
}

export function subjectOf(definition: FlagDefinition): Subject<FlagValue> {
  const rule = flagKinds[definition.kind];
  return { definition, rule, safe: rule.safe, wrong: undefined, inspected: -1 };
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

function messageOf(error: unknown): string {
  return Error.isError(error) ? error.message : String(error);
}
