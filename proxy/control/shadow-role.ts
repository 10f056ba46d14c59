import type { Config } from '#proxy/config/schema.ts';
import type { RequestHead, Tap, UpstreamOptions } from '#proxy/http/seam.ts';
import type { ExplainedMatch } from '#proxy/route/decide.ts';
import { firstSightChoice } from '#proxy/shadow/analysis.ts';
import { analysisOptionsOf } from '#proxy/shadow/configured-analysis.ts';
import type { SeenWrite } from '#proxy/shadow/copy/recent-writes.ts';
import { startShadow, type Shadow } from '#proxy/shadow/copy/shadow.ts';
import type { ShadowDelta } from '#proxy/shadow/delta.types.ts';
import type { Logger } from '#shared/telemetry/log.ts';

/** Where deltas go: the store of findings, or the parent that has it. */
export interface ShadowSink {
  /** Must neither block nor throw. */
  add(delta: ShadowDelta): void;
}

export interface ShadowRoleOptions {
  readonly upstreams: Readonly<Record<string, UpstreamOptions>>;
  readonly workers: number;
  readonly log: Logger;
  readonly sink: ShadowSink | undefined;
  readonly onWrites: ((writes: readonly SeenWrite[]) => void) | undefined;
}

/** The comparer as the proxy role runs it. `undefined` where nothing is compared. */
export function startConfiguredShadow(config: Config, options: ShadowRoleOptions): Shadow | undefined {
  const { upstreams, workers, log, sink, onWrites } = options;
  return startShadow({
    config,
    upstreams,
    workers,
    log,
    onWrites,
    analysis: analysisOptionsOf(config),
    compared: (migration) => firstSightChoice(config.migrations[migration]?.shadow.compareHeaders),
    onDelta: (delta) => sink?.add(delta),
  });
}

/** What routing asks for each request that a route takes. */
export function shadowTap(
  shadow: Shadow | undefined,
): ((head: RequestHead, matched: ExplainedMatch) => Tap | undefined) | undefined {
  if (shadow === undefined) return undefined;
  return (head, { route, key, evaluation, side }) =>
    shadow.tap(head, {
      migration: route.migration,
      route: route.name,
      kind: route.kind,
      key,
      stage: evaluation.stage,
      killed: evaluation.killed,
      side,
    });
}
