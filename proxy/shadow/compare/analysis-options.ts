import type { RedactConfig, ShadowRuleConfig } from '#proxy/config/shadow-rules.ts';
import { defaultAlpha } from './verdict.ts';

/** Everything that comparing needs to know; plain data, so that it can be sent to a worker thread. */
export interface AnalysisOptions {
  /** By name of the migration. */
  readonly migrations: Readonly<Record<string, MigrationAnalysis>>;
  readonly redact: RedactConfig;
  readonly bounds?: Partial<AnalysisBounds>;
  /** Chance that any noisy path of one route is ever called a difference. Default 1e-4. */
  readonly alpha?: number;
}

export interface MigrationAnalysis {
  /** In lower case; default: `defaultHeaders`. */
  readonly compareHeaders?: readonly string[] | undefined;
  readonly rules: readonly ShadowRuleConfig[];
}

/** What keeps memory and time small, whatever the traffic. */
export interface AnalysisBounds {
  /** Bytes of a body out of its codings. */
  readonly maxInflatedBytes: number;
  /** Times a body may grow in one coding, beyond 64 KiB. */
  readonly maxRatio: number;
  readonly maxCodings: number;
  /** Nesting of JSON. */
  readonly maxDepth: number;
  /** Values in one body. */
  readonly maxValues: number;
  /** Values that one comparison looks at; matching arrays looks at some more than once. */
  readonly maxSteps: number;
  /** Groups that one pair can fall into. */
  readonly maxGroupsPerPair: number;
  /** Groups of one route and primary side; the rest is counted as `other paths`. */
  readonly maxGroups: number;
  /** Routes, by migration and primary side. */
  readonly maxRoutes: number;
  /** Samples of one group in one delta. */
  readonly maxSamples: number;
  /** Characters of a value in a sample. */
  readonly maxValueCharacters: number;
  /** Pairs of ids that each named mapping keeps. */
  readonly maxIds: number;
  /**
   * Milliseconds that two clocks may be apart: two times that both are the moment of the request, within twice this, and
   * differ by no more than this are read as the same "now". 0 reads them as any other value.
   */
  readonly clockMs: number;
}

export const defaultBounds = {
  maxInflatedBytes: 2 * 1_048_576,
  maxRatio: 200,
  maxCodings: 3,
  maxDepth: 256,
  maxValues: 200_000,
  maxSteps: 1_000_000,
  maxGroupsPerPair: 100,
  maxGroups: 200,
  maxRoutes: 1_000,
  maxSamples: 3,
  maxValueCharacters: 500,
  maxIds: 10_000,
  clockMs: 5_000,
} as const satisfies AnalysisBounds;

export function filledIn(options: AnalysisOptions): {
  readonly bounds: AnalysisBounds;
  readonly alpha: number;
} {
  return { bounds: { ...defaultBounds, ...options.bounds }, alpha: options.alpha ?? defaultAlpha };
}
