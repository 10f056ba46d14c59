import type { RequestListener } from 'node:http';
import type { Logger } from '#shared/telemetry/log.ts';

export interface SystemOptions {
  /** `postgres://…`, already migrated. */
  readonly databaseUrl: string;
  readonly log: Logger;
  readonly now: () => Date;
}

export interface System {
  readonly listener: RequestListener;
  /** Ends the database connections. Stop listening first. */
  close(): Promise<void>;
}
