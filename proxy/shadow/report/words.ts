import type { Coverage, FindingReport, Rate, RouteReport, ShadowReport, Verdict } from './report.types.ts';

// How figures are said, in the terminal and in HTML alike.

const groups = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** `1,234,567` */
export function whole(value: number): string {
  return groups.format(value);
}

/** `91.2 %`, `0.0031 %`: three digits, never more than is there; what is not all is never 100 %. */
export function percent(part: number): string {
  if (part === 0 || part === 1) return `${part * 100} %`;
  const value = part * 100;
  if (value > 99.9) return value > 99.99 ? '> 99.99 %' : `${(Math.floor(value * 100) / 100).toFixed(2)} %`;
  if (value < 0.0001) return '< 0.0001 %';
  return `${Number(value.toPrecision(value < 10 ? 2 : 3))} %`;
}

/** `0.12 % (0.02–0.44 %)`, or `–` where nothing was looked at. */
export function rateText(rate: Rate): string {
  if (rate.rate === undefined) return '–';
  return `${percent(rate.rate)} (${intervalText(rate)})`;
}

export function intervalText({ low, high }: Rate): string {
  return `${percent(low).replace(/ %$/, '')}–${percent(high)}`;
}

/** `0.42 ms`, `7.3 ms`, `128 ms`, `2.4 s` */
export function milliseconds(value: number): string {
  if (value === 0) return '–';
  if (value >= 10_000) return `${(value / 1_000).toFixed(1)} s`;
  return `${value.toFixed(value < 1 ? 2 : value < 100 ? 1 : 0)} ms`;
}

/** `2026-11-25 10:03:12` of an ISO time, in UTC. */
export function timeText(iso: string): string {
  return iso.slice(0, 19).replace('T', ' ');
}

const reasons: Readonly<Record<string, string>> = {
  'not-sampled': 'not sampled',
  'unsafe-method': 'unsafe method',
  conditional: 'answered 304 or 412',
  'always-written': 'written at each look',
  'gone-since': 'gone at the later look',
  'request-over-size': 'request over size',
  'answer-over-size': 'answer over size',
  'queue-full': 'queue full',
  'rate-cap': 'over the rate cap',
  'breaker-open': 'breaker open',
  'primary-failed': 'primary failed',
  'client-left': 'client left',
  'shadow-failed': 'shadow failed',
  'compare-overloaded': 'comparer overloaded',
  undecodable: 'undecodable',
};

export function reasonText(reason: string): string {
  return reasons[reason] ?? reason;
}

/** `compared 91.2 % of 1,000, skipped: 6 % over size, 2 % queue full` */
export function coverageText({ part, eligible, skipped }: Coverage): string {
  if (part === undefined) return 'nothing could be compared yet';
  const compared = `compared ${percent(part)} of ${whole(eligible)}`;
  if (skipped.length === 0) return compared;
  return `${compared}, skipped: ${skipped.map((one) => `${percent(one.part)} ${reasonText(one.reason)}`).join(', ')}`;
}

export const verdictTexts: Readonly<Record<Verdict, string>> = {
  difference: 'The sides differ more than the primary differs from itself.',
  undecided: 'Too few pairs or noise samples to tell; counts as a difference.',
  noise: 'The primary differs from itself here as well: clocks, random values.',
  expected: 'A rule expects it.',
};

/** What a reader must know before the figures. */
export function warnings({ store, routes }: ShadowReport): string[] {
  const { waiting, lost } = store;
  const told: string[] = [];
  if (store.kind === 'memory')
    told.push('Kept in memory: since the start of this process only, and of this machine only.');
  if (store.state === 'away')
    told.push(`The state database is away: ${whole(waiting.compared)} compared pairs wait in memory.`);
  if (lost.compared > 0 || lost.found > 0)
    told.push(
      `${whole(lost.compared)} compared pairs and ${whole(lost.found)} differing ones could not be kept and are missing.`,
    );
  if (routes.length === 0) told.push('Nothing was compared in this time.');
  return told;
}

/** `17 groups more are in the export` and the like; nothing where nothing is left out. */
export function leftOutText({ leftOut }: RouteReport): string | undefined {
  const { findings, crowdedOutPairs } = leftOut;
  const told = [
    ...(findings > 0 ? [`${whole(findings)} more are in the export (--ndjson)`] : []),
    ...(crowdedOutPairs > 0
      ? [`${whole(crowdedOutPairs)} pairs were in groups beyond those kept of one route`]
      : []),
  ];
  return told.length === 0 ? undefined : told.join('; ');
}

export function asSentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

export function sideNames(primarySide: RouteReport['primarySide']): {
  readonly primary: string;
  readonly shadow: string;
} {
  return primarySide === 'monolith'
    ? { primary: 'monolith', shadow: 'service' }
    : { primary: 'service', shadow: 'monolith' };
}

/** What the verdict goes by: the primary asked once more, in how many pairs the shadow alone stood apart. */
export function evidenceText({ evidence, primarySide }: FindingReport): string {
  const asked = evidence.shadowAlone + evidence.primaryAlone + evidence.allDiffer;
  if (asked === 0) return 'not asked again yet';
  return `asked again, ${sideNames(primarySide).shadow} alone in ${whole(evidence.shadowAlone)} of ${whole(asked)}`;
}

export function placeText(place: FindingReport['place'], path: string): string {
  if (place === 'status') return 'status';
  return place === 'header' ? `header ${path}` : path;
}
