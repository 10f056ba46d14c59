/** Which group a proxy is compared in. `none` is the load side talking to itself: the ceiling of what can be measured. */
export type Kind = 'banyan' | 'node' | 'native' | 'none';

export interface Command {
  readonly file: string;
  readonly args: readonly string[];
}

/** One proxy of the table. */
export interface Subject {
  /** As in the table, and for `--only`. */
  readonly name: string;
  readonly kind: Kind;
  /** What is on, or how it was set up; one line under the table. */
  readonly note: string;
  /** Version, where it is installed. */
  version(): string | undefined;
  /** How to get it. */
  readonly howToGet: string;
  /** @param ports both on loopback; @param folder for its files, removed afterwards */
  command(ports: { readonly listen: number; readonly upstream: number }, folder: string): Command;
}
