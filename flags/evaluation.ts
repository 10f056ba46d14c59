import type { LDContext } from '@launchdarkly/node-server-sdk';
import { createAnswerMemory, type AnswerMemory } from './answer-memory.ts';
import { createAsker, subjectOf, type AskerOptions, type Subject } from './ask.ts';
import {
  routingKeyKind,
  type FlagDefinition,
  type FlagValue,
  type KillSwitch,
  type MigrationFlag,
  type ReadFlag,
  type RoutingKey,
} from './definitions.ts';
import { stageTable, type Stage } from './stages.ts';
import type { StandIn } from './stand-in.ts';

/** The flags of one route. Make it once for each route, not for each request: answers are kept by it. */
export interface RouteFlags {
  readonly migration: MigrationFlag;
  /** None: the share is empty. */
  readonly read?: ReadFlag | undefined;
  /** None: never killed. */
  readonly kill?: KillSwitch | undefined;
}

/** What the flags say about one request; all of it from one state of the flags. */
export interface Evaluation {
  readonly stage: Stage;
  readonly killed: boolean;
  /**
   * Whether the read flag gives this key to the service. Asked only where it counts: at a stage whose reads go by the
   * share, not killed, with a key; else false.
   */
  readonly read: boolean;
  /** State of the flags that answered, see `FlagStatus.version`. */
  readonly version: number;
}

export interface Evaluator {
  /**
   * Everything about one request in one answer. A plain value, but for flags that the SDK cannot answer at once (a list
   * of more than 50 rules, clauses, prerequisites or segments, or a big segment): then a promise, which never rejects.
   * Without a key the read flag is not asked: `read` is false, the monolith answers.
   */
  readonly evaluate: (route: RouteFlags, key: RoutingKey | undefined) => Evaluation | Promise<Evaluation>;
  /**
   * The stage now. The last good one where the flag cannot be asked any more, or where the SDK needs a moment (see
   * `evaluate`); `off` while there was none.
   */
  readonly stage: (flag: MigrationFlag) => Stage;
  /** As `stage`; false while there was no good answer. */
  readonly killed: (flag: KillSwitch) => boolean;
  /** The read flag's answer for a key, whatever the stage is; false while it is not known. A promise as in `evaluate`. */
  readonly read: (flag: ReadFlag, key: RoutingKey) => boolean | Promise<boolean>;
  /** The wanted migration flags and kill switches that cannot be asked now, and what is answered in their place. */
  readonly standIns: () => StandIn[];
  /** The data changed: asks anew for what is kept, and looks at all wanted flags. */
  readonly refresh: () => void;
  /** Asks anew for what is kept, so that it shows as used in LaunchDarkly's counts, where kept answers count once. */
  readonly forget: () => void;
}

export interface EvaluatorOptions extends AskerOptions {
  readonly wanted: readonly FlagDefinition[];
}

/** A flag with its last answer, for those that every request asks alike. */
interface Kept<Value extends FlagValue> extends Subject<Value> {
  /** Undefined for a read flag, whose answer depends on the request. */
  readonly context: LDContext | undefined;
  /** Of a read flag: its answers for the last keys, all of one `epoch`. */
  readonly answers: AnswerMemory;
  /** Epoch of `value`; -1 before the first answer. */
  epoch: number;
  value: Value;
}

/**
 * Answers requests. The stage and the kill switch, which are the same for all requests, are asked once for each state of
 * the flags and kept; the read flag is asked with the request's key, and its answers for the last keys are kept: asking
 * costs 3-7 µs of CPU, most of it SHA-1, beside some 20 of a whole request. An answer follows from the state of the flags
 * and the key alone, so what is kept is what would be answered. There is no wait between the questions, so no change of
 * the flags can come between them.
 */
export function createEvaluator(options: EvaluatorOptions): Evaluator {
  const { store, wanted } = options;
  const { ask, inspect, faults } = createAsker(options);
  const flags = new WeakMap<FlagDefinition, Kept<FlagValue>>();
  // Rises whenever kept answers may be old: with the data, and when they are to be asked for again.
  let epoch = 0;

  const keptOf = <Value extends FlagValue>(definition: FlagDefinition): Kept<Value> => {
    let kept = flags.get(definition);
    if (kept === undefined) flags.set(definition, (kept = newKept(definition)));
    return kept as Kept<Value>;
  };

  const current = <Value extends FlagValue>(
    definition: MigrationFlag | KillSwitch,
  ): Value | Promise<Value> => {
    const kept = keptOf<Value>(definition);
    if (kept.epoch === epoch || kept.context === undefined) return kept.value;
    const asked = epoch;
    const answer = ask(kept, kept.context);
    if (typeof answer !== 'object') return keep(kept, asked, answer);
    return answer.then((value) => keep(kept, asked, value));
  };

  const read = (definition: ReadFlag, key: RoutingKey): boolean | Promise<boolean> => {
    const kept = keptOf<boolean>(definition);
    if (kept.epoch !== epoch) {
      kept.answers.clear();
      kept.epoch = epoch;
    }
    const known = kept.answers.get(key);
    if (known !== undefined) return known;
    const before = faults();
    const answer = ask(kept, { kind: routingKeyKind, key });
    // What could not be asked is asked, and counted, each time.
    if (typeof answer === 'boolean' && faults() === before) kept.answers.set(key, answer);
    return answer;
  };

  const evaluate = (route: RouteFlags, key: RoutingKey | undefined): Evaluation | Promise<Evaluation> => {
    const stage = current<Stage>(route.migration);
    const killed = route.kill === undefined ? false : current<boolean>(route.kill);
    if (typeof stage === 'object' || typeof killed === 'object') return evaluateLater(route, key);
    const asked = key !== undefined && countsShare(stage, killed) ? route.read : undefined;
    const inShare = asked === undefined || key === undefined ? false : read(asked, key);
    if (typeof inShare === 'object') return evaluateLater(route, key);
    return { stage, killed, read: inShare, version: store.version() };
  };

  const evaluateLater = async (route: RouteFlags, key: RoutingKey | undefined): Promise<Evaluation> => {
    // The SDK's waits are microtasks and changes come by I/O, so the second round is rare and there is hardly a third.
    for (;;) {
      const version = store.version();
      const stage = await current<Stage>(route.migration);
      const killed = route.kill === undefined ? false : await current<boolean>(route.kill);
      const asked = countsShare(stage, killed) ? route.read : undefined;
      const inShare = asked === undefined || key === undefined ? false : await read(asked, key);
      if (version === store.version()) return { stage, killed, read: inShare, version };
    }
  };

  return {
    evaluate,
    read,
    stage: (flag) => lastKnown(keptOf<Stage>(flag), current<Stage>(flag)),
    killed: (flag) => lastKnown(keptOf<boolean>(flag), current<boolean>(flag)),
    standIns: () => wanted.flatMap((definition) => keptOf(definition).standIns.now() ?? []),
    refresh() {
      epoch += 1;
      for (const definition of wanted) {
        inspect(keptOf(definition));
        // Asked although nobody wants to know yet: what is not seen now cannot stay in force when it is deleted.
        if (definition.kind !== 'read') void current(definition);
      }
    },
    forget() {
      epoch += 1;
    },
  };
}

function countsShare(stage: Stage, killed: boolean): boolean {
  return !killed && stageTable[stage].reads === 'share';
}

/** Twice as many at most, for each read flag: some 10 MB where keys are short ids. */
const answersKept = 32_768;

function newKept(definition: FlagDefinition): Kept<FlagValue> {
  const subject = subjectOf(definition);
  const { contextKind } = subject.rule;
  const context = definition.kind === 'read' ? undefined : { kind: contextKind, key: definition.migration };
  const answers = createAnswerMemory(answersKept);
  return { ...subject, context, answers, epoch: -1, value: subject.safe };
}

function keep<Value extends FlagValue>(kept: Kept<Value>, epoch: number, value: Value): Value {
  // A late answer never replaces a newer one.
  if (epoch > kept.epoch) {
    kept.epoch = epoch;
    kept.value = value;
  }
  return value;
}

function lastKnown<Value extends FlagValue>(kept: Kept<Value>, answer: Value | Promise<Value>): Value {
  return typeof answer === 'object' ? kept.value : answer;
}
