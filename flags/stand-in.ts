import { printable } from '#shared/errors/printable.ts';
import type { FlagDefinition, FlagKindRule, FlagValue } from './definitions.ts';
import type { FlagErrorCode } from './flag-errors.ts';

/** What is answered in the place of a migration flag or kill switch that cannot be asked. */
export interface StandIn {
  readonly flag: string;
  readonly code: FlagErrorCode;
  /** Why it cannot be asked, and what is answered in its place; one sentence, printable. */
  readonly detail: string;
  readonly answer: FlagValue;
  /** Whether `answer` is its last good one; false in a process that has not seen one yet. */
  readonly lastGood: boolean;
}

/** The last good answer of one flag, and whether it stands in for the flag now. */
export interface StandIns {
  /** @param version state of the flags that answered: what comes late never replaces what is newer */
  readonly good: (value: FlagValue, version: number) => void;
  readonly failed: (fault: Fault, version: number) => FlagValue;
  /** What is answered while it cannot be asked, as half a sentence. */
  readonly means: () => string;
  /** `undefined` while the flag can be asked. */
  readonly now: () => StandIn | undefined;
}

export interface Fault {
  readonly code: FlagErrorCode;
  readonly detail: string;
}

/** Keeps the last good answer of a flag, where its kind keeps one. */
export function createStandIns({ key }: FlagDefinition, rule: FlagKindRule): StandIns {
  let lastGood: FlagValue | undefined;
  let fault: Fault | undefined;
  let settled = -1;

  const isNews = (version: number): boolean => {
    if (!rule.keeps || version < settled) return false;
    settled = version;
    return true;
  };
  const means = (): string =>
    lastGood === undefined ? rule.safeMeans : `its last good value, ${rule.tell(lastGood)}, stays in force`;

  return {
    good(value, version) {
      if (!isNews(version)) return;
      lastGood = value;
      fault = undefined;
    },
    failed(told, version) {
      if (isNews(version)) fault = told;
      return lastGood ?? rule.safe;
    },
    means,
    now: () =>
      fault && {
        flag: key,
        code: fault.code,
        detail: printable(`${fault.detail}; ${means()}`),
        answer: lastGood ?? rule.safe,
        lastGood: lastGood !== undefined,
      },
  };
}
