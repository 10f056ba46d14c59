/** How far the monolith is away from the users' tables, and whether there is a way back. */
export interface ReleaseModel {
  /** `old`: it reads the users' tables. `new`: it asks through the proxy. `both`: while requests go over to the new one. */
  readonly monolith: 'old' | 'both' | 'new';
  /** Foreign keys of its other tables to the users' tables. */
  readonly foreignKeys: number;
  /** Of the comparison before the completion; `undefined` before it. */
  readonly verifiedRows: number | undefined;
  readonly complete: boolean;
  /** What has been done so far, in its order. */
  readonly done: readonly ReleaseStepDone[];
}

export type ReleaseStep =
  | 'new-release'
  | 'foreign-keys'
  | 'proxy-switched'
  | 'old-release-stopped'
  | 'verified'
  | 'complete';

export interface ReleaseStepDone {
  readonly step: ReleaseStep;
  readonly tookMs: number;
  /** The longest that a user's request took meanwhile, milliseconds; `undefined` without traffic of our own. */
  readonly longestMs: number | undefined;
}
