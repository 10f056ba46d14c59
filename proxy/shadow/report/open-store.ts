import type { Logger } from '#shared/telemetry/log.ts';
import { judge as byEvidence } from '../compare/judge.ts';
import { createMemoryStore } from './memory-store.ts';
import { createPostgresStore } from './postgres-store.ts';
import type { Judge } from './report.types.ts';
import type { ShadowStore } from './store.types.ts';

export interface StoreOptions {
  /** `postgres://…`; none: in memory, gone with the process. */
  readonly url?: string | undefined;
  /** Milliseconds that findings are kept. */
  readonly retention: number;
  readonly log: Logger;
  /** What the sums of a route's groups mean. Default: by the evidence that the comparer gathered. */
  readonly judge?: Judge;
}

/** Opens at once, also where the state database is away; it is tried again while the store is open. */
export async function openShadowStore(options: StoreOptions): Promise<ShadowStore> {
  const { url, retention, log, judge = (findings) => byEvidence(findings) } = options;
  return url === undefined
    ? createMemoryStore({ retention, judge })
    : createPostgresStore({ url, retention, log, judge });
}
