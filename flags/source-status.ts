/** How the flags stand to their source. */
export interface FlagStatus {
  readonly source: 'file' | 'launchdarkly';
  /**
   * `current`: as the source has them · `stale`: the source is gone or malformed, the last good flags are in force ·
   * `never-loaded`: no flags came yet, everything gets the safe answer.
   */
  readonly state: 'current' | 'stale' | 'never-loaded';
  /** Since when it is in this state. */
  readonly since: Date;
  /** What is wrong with the source, all of it, ready to print (lines); `undefined` while it is current. */
  readonly lastError: string | undefined;
  /** The first thing of that, in one line: of a flag file `path: message`. */
  readonly firstProblem: string | undefined;
  /** Rises with every change of the flags; 0 before the first. Counts in this process alone. */
  readonly version: number;
}

export interface SourceStatus {
  readonly read: () => FlagStatus;
  /** The source is in touch and its data are in force. */
  readonly found: () => void;
  /** @param firstProblem the first line to show, where `reason` has several */
  readonly lost: (reason: string, firstProblem?: string) => void;
}

export interface SourceStatusOptions {
  readonly source: FlagStatus['source'];
  readonly version: () => number;
  /** Called when the state or the error changes. */
  readonly onChange: (status: FlagStatus) => void;
}

export function createSourceStatus(options: SourceStatusOptions): SourceStatus {
  const { source, version, onChange } = options;
  let state: FlagStatus['state'] = 'never-loaded';
  let since = new Date();
  let lastError: string | undefined;
  let firstProblem: string | undefined;

  const read = (): FlagStatus => ({ source, state, since, lastError, firstProblem, version: version() });

  const become = (next: FlagStatus['state'], error?: string, first?: string): void => {
    if (next === state && error === lastError) return;
    if (next !== state) since = new Date();
    state = next;
    lastError = error;
    firstProblem = first;
    onChange(read());
  };

  return {
    read,
    found: () => become('current'),
    lost: (reason, first = reason) => become(version() === 0 ? 'never-loaded' : 'stale', reason, first),
  };
}
