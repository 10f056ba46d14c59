import type { ShadowReport } from '#proxy/shadow/report/report.types.ts';

/** What comparing both sides' answers has shown so far. */
export interface ShadowModel {
  /** Requests that could have been compared, and pairs that were. */
  readonly eligible: number;
  readonly compared: number;
  /** Pairs that differ in something that is neither expected nor noise. */
  readonly different: number;
  /** Route and place of the differences that the comparer is sure of, e.g. `user-read $.createdAt`. */
  readonly differences: readonly string[];
}

/** The report at the proxy's admin port, in short; `undefined` while it does not answer. */
export async function readShadow(adminUrl: string): Promise<ShadowModel | undefined> {
  try {
    const answer = await fetch(`${adminUrl}/shadow/report`, { signal: AbortSignal.timeout(2_000) });
    if (answer.ok) return shadowModel((await answer.json()) as ShadowReport);
    await answer.body?.cancel();
    return undefined;
  } catch {
    return undefined;
  }
}

export function shadowModel({ routes }: Pick<ShadowReport, 'routes'>): ShadowModel {
  const sum = (of: (route: ShadowReport['routes'][number]) => number): number =>
    routes.reduce((total, route) => total + of(route), 0);
  const sure = routes
    .flatMap(({ findings }) => findings)
    .filter(({ verdict }) => verdict === 'difference')
    .map(({ route, place, path }) => `${route} ${place === 'header' ? 'header ' : ''}${path}`);
  return {
    eligible: sum(({ coverage }) => coverage.eligible),
    compared: sum(({ coverage }) => coverage.compared),
    different: sum(({ different }) => different),
    differences: [...new Set(sure)].toSorted(),
  };
}

/** Asks at most so often: a report takes longer than a look, and changes once a second. */
const shadowEveryMs = 2_000;

/** The latest report, asked for anew from time to time. Calls must not overlap. */
export function shadowLook(
  ask: () => Promise<ShadowModel | undefined>,
): () => Promise<ShadowModel | undefined> {
  let latest: ShadowModel | undefined;
  let askedAt = -Infinity;
  return async () => {
    const now = performance.now();
    if (now - askedAt < shadowEveryMs) return latest;
    askedAt = now;
    latest = (await ask()) ?? latest;
    return latest;
  };
}
