import { isOwnedByService, isSuccess, type RampOutcome, type Summary } from '#sample/summary.ts';
import { comparedText } from './compared.ts';
import { copyText } from './copy-lines.ts';
import { movesText, ownerText } from './move-lines.ts';
import { releaseLines, whatIsLeft } from './release-lines.ts';
import { clock, milliseconds, whole } from './format.ts';

const outcomes: Readonly<Record<RampOutcome, string>> = {
  complete: 'through: there, back to off, and there again; the service answered all user reads at the end',
  'rolled-back': 'rolled back to 0 %',
  'not-finished': 'not finished',
};

/** The last words of a run, for people. */
export function renderSummary(summary: Summary): string[] {
  const { users, reads, restarts } = summary;
  return [
    '',
    `Banyan sample migration: ${verdict(summary)}`,
    `  time       ${clock(summary.seconds)}`,
    `  ramp       ${outcomes[summary.ramp]}`,
    ...(users === undefined ? ['  requests   none of our own (--no-traffic)'] : userLines(users)),
    ...(reads === undefined
      ? []
      : [
          `  user reads ${whole(reads.monolith.total)} by the ${reads.monolith.name}, ${whole(reads.service.total)} by the ${reads.service.name}`,
        ]),
    `  compared   ${comparedText(summary.shadow, Infinity)}`,
    `  copy       ${copyText(summary.copy)}`,
    `  owner      ${ownerText(summary.ownership)}`,
    `  moves      ${movesText(summary.moves)}`,
    ...releaseLines(summary.release),
    ...(restarts > 0 ? [`  restarts   ${whole(restarts)}`] : []),
    ...(users !== undefined && users.failures.length > 0
      ? ['  failures   (the first of them)', ...users.failures.map((failure) => `    ${failure}`)]
      : []),
    `  data       ${summary.dataFolder} (${summary.release.complete ? 'kept to look at; the next start makes it anew' : 'kept; --fresh forgets it'})`,
    ...(summary.release.complete ? [`  left       ${whatIsLeft}`] : []),
    '',
  ];
}

function verdict(summary: Summary): string {
  if (isSuccess(summary)) return 'everything held';
  if ((summary.users?.failed ?? 0) > 0) return 'user requests failed';
  if ((summary.shadow?.differences.length ?? 0) > 0) return 'the two sides answer differently';
  if (summary.ramp === 'complete' && !isOwnedByService(summary))
    return 'at the end the service did not own the users';
  if (summary.ramp === 'complete') return lastStepVerdict(summary);
  return summary.ramp === 'not-finished' ? 'ended before the ramp was through' : 'rolled back';
}

function lastStepVerdict({ lastStep }: Summary): string {
  if (lastStep === undefined || lastStep.service === 0)
    return 'at the last step the service answered no user read, so nothing was shown';
  return `at the last step the monolith still answered ${whole(lastStep.monolith)} user reads, the service ${whole(lastStep.service)}`;
}

function userLines({ ok, refused, failed, unsent, overall }: NonNullable<Summary['users']>): string[] {
  const notSent = unsent > 0 ? `, ${whole(unsent)} not sent (too many in flight)` : '';
  const [p50, p99, max] = [overall.p50, overall.p99, overall.max].map(milliseconds);
  return [
    `  requests   ${whole(ok)} ok, ${whole(refused)} refused as expected, ${whole(failed)} failed${notSent}`,
    `  latency    p50 ${p50}, p99 ${p99}, longest ${max}`,
  ];
}
