import type { RouteReport, ShadowReport } from './report.types.ts';
import { percent, rateText, whole } from './words.ts';

/** What a pipeline goes by. `not-enough`: nothing, or too little, was compared to say anything. */
export interface GateResult {
  readonly outcome: 'passed' | 'over' | 'not-enough';
  /** One line for each route that is over or has too little, or one that says that all is well. */
  readonly lines: readonly string[];
}

export interface GateOptions {
  /** 0-1: a route may differ in this part of its compared pairs. */
  readonly failOver: number;
  /** Compared pairs that each route needs. Default 1. */
  readonly minCompared?: number;
}

/** Judges every route of a report that had requests. A route that is over beats one that has too little. */
export function gate(
  report: Pick<ShadowReport, 'routes'>,
  { failOver, minCompared = 1 }: GateOptions,
): GateResult {
  const routes = report.routes.filter((route) => !isLeftAlone(route));
  const over = routes.filter(({ differenceRate: { rate } }) => rate !== undefined && rate > failOver);
  if (over.length > 0) {
    const lines = over.map(
      ({ migration, route, differenceRate }) =>
        `${migration}/${route} differs in ${rateText(differenceRate)}, which is over ${percent(failOver)}`,
    );
    return { outcome: 'over', lines };
  }
  const least = Math.max(1, minCompared);
  const tooFew = routes.filter(({ coverage }) => coverage.compared < least);
  if (routes.length === 0)
    return {
      outcome: 'not-enough',
      lines: ['not enough compared: nothing was, in this time and of these routes'],
    };
  if (tooFew.length > 0) {
    const lines = tooFew.map(
      ({ migration, route, coverage }) =>
        `not enough compared: ${migration}/${route} has ${whole(coverage.compared)} pairs of at least ${whole(least)}`,
    );
    return { outcome: 'not-enough', lines };
  }
  const worst = Math.max(...routes.map(({ differenceRate }) => differenceRate.high));
  return {
    outcome: 'passed',
    lines: [
      `${whole(routes.length)} ${routes.length === 1 ? 'route differs' : 'routes differ'} in no more than ${percent(failOver)}; with 95 % certainty in less than ${percent(worst)} each`,
    ],
  };
}

/** A write that is not opted in is never compared: that it was not says nothing. */
function isLeftAlone({ coverage: { eligible, skipped } }: RouteReport): boolean {
  return eligible > 0 && skipped.some(({ reason, count }) => reason === 'unsafe-method' && count >= eligible);
}
