import { mkdtempSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Logger } from '#shared/telemetry/log.ts';
import { openFlags, type Flags, type FileFlagSource } from '#flags/client.ts';
import {
  killSwitch,
  migrationFlag,
  readFlag,
  routingKey,
  type FlagDefinition,
  type RoutingKey,
} from '#flags/definitions.ts';
import type { Evaluation, RouteFlags } from '#flags/evaluation.ts';
import type { FlagStatus } from '#flags/source-status.ts';
import { stages, type Stage } from '#flags/stages.ts';

export const stageFlag = migrationFlag('stage', 'catalogue');
export const readsFlag = readFlag('reads');
export const killFlag = killSwitch('kill', 'catalogue');
export const route = { migration: stageFlag, read: readsFlag, kill: killFlag } satisfies RouteFlags;
export const wanted: readonly FlagDefinition[] = [stageFlag, readsFlag, killFlag];

/** Flag data as JSON, open to every kind of mistake. */
export type FlagJson = Record<string, unknown>;

export function stageData(stage: Stage): FlagJson {
  return {
    on: true,
    variations: [...stages],
    offVariation: 0,
    fallthrough: { variation: stages.indexOf(stage) },
  };
}

/** A kill switch that is off. */
export const killData: FlagJson = {
  on: false,
  variations: [true, false],
  offVariation: 1,
  fallthrough: { variation: 0 },
};

/** A read flag with a share in percent, true first. */
export function readsData(percent: number, more: FlagJson = {}): FlagJson {
  const weight = Math.round(percent * 1_000);
  const variations = [
    { variation: 0, weight },
    { variation: 1, weight: 100_000 - weight },
  ];
  return {
    on: true,
    variations: [true, false],
    offVariation: 1,
    salt: 'salt',
    fallthrough: { rollout: { contextKind: 'routing-key', variations } },
    ...more,
  };
}

/** All three flags of `route`, at stage shadow with a share of 50 %, not killed; with what `flags` says instead. */
export function fileData(flags: Record<string, FlagJson> = {}): {
  flags: Record<string, FlagJson>;
  flagValues: FlagJson;
} {
  return {
    flags: { stage: stageData('shadow'), reads: readsData(50), ...flags },
    flagValues: { kill: false },
  };
}

export interface TestFolder {
  readonly folder: string;
  /** Path of the flag file in it. */
  readonly path: string;
  /** Writes the file as editors do: beside it, then renamed. */
  write(data: unknown): void;
  remove(): void;
}

export function testFolder(): TestFolder {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'banyan-flags-')));
  const path = join(folder, 'flags.json');
  return {
    folder,
    path,
    write(data) {
      const draft = `${path}.draft`;
      writeFileSync(draft, typeof data === 'string' ? data : JSON.stringify(data));
      renameSync(draft, path);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Quick to notice changes, so that tests need not wait; polling alone only where a test is about it. */
const quick = { settleMs: 2, graceMs: 40, pollMs: 60_000 } as const;

export async function openFile(
  path: string,
  options: Partial<FileFlagSource> & { log?: Logger } = {},
): Promise<Flags> {
  const { log = silent, ...source } = options;
  return await openFlags({ source: { kind: 'file', path, ...quick, ...source }, wanted, log });
}

export const silent = pino({ level: 'silent' });

export interface LogLine {
  readonly level: number;
  readonly msg: string;
  readonly flag?: string;
}

/** A log that keeps its lines. */
export function recordingLog(): { log: Logger; lines: LogLine[] } {
  const lines: LogLine[] = [];
  const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(JSON.parse(line) as LogLine) });
  return { log, lines };
}

/** Resolves once the flags are as `holds` wants them. */
export async function until(flags: Flags, holds: (status: FlagStatus) => boolean): Promise<FlagStatus> {
  return await new Promise((resolve) => {
    const stop = flags.onChange(check);
    check(flags.status());
    function check(status: FlagStatus): void {
      if (!holds(status)) return;
      stop();
      resolve(status);
    }
  });
}

export function key(text: string): RoutingKey {
  const made = routingKey(text);
  if (made === undefined) throw new Error('an empty key');
  return made;
}

/** The answer, which must be there without a wait. */
export function now<T>(answer: T | Promise<T>): T {
  if (answer instanceof Promise) throw new Error('the answer is not there yet');
  return answer;
}

export function evaluateNow(flags: Flags, text: string): Evaluation {
  return now(flags.evaluate(route, key(text)));
}
