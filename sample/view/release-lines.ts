import type { ReleaseModel, ReleaseStep, ReleaseStepDone } from '#sample/release/release-model.ts';
import { milliseconds, whole } from './format.ts';
import { label } from './labelled.ts';
import { part, type Line } from './line.ts';

const monoliths: Readonly<Record<ReleaseModel['monolith'], string>> = {
  old: "old, reads the users' tables",
  both: 'old and new',
  new: 'new, asks the proxy',
};

/** What the monolith still needs of the users' tables, and whether there is a way back, in one line. */
export function releaseLine({ monolith, foreignKeys, complete }: ReleaseModel): Line {
  return [
    label('Monolith'),
    part(monoliths[monolith], monolith === 'new' ? 'good' : 'plain'),
    part(`   foreign keys ${foreignKeys === 0 ? 'none' : String(foreignKeys)}`),
    part('   way back '),
    complete ? part('none: complete', 'strong') : part('open', 'good'),
  ];
}

const words: Readonly<Record<ReleaseStep, string>> = {
  'new-release': 'new release started',
  'foreign-keys': 'foreign keys dropped',
  'proxy-switched': 'proxy sent to it',
  'old-release-stopped': 'old release ended',
  verified: 'verified',
  complete: 'completed',
};

/** For the summary: what was done to the monolith, and how long a request took meanwhile at most. */
export function releaseLines({ done, verifiedRows, complete }: ReleaseModel): string[] {
  if (done.length === 0) return [];
  const ofRelease = done.filter(({ step }) => step !== 'verified' && step !== 'complete');
  return [
    `  release    ${ofRelease.map(stepText).join(', ')}`,
    ...(complete
      ? [
          `  complete   ${whole(verifiedRows ?? 0)} rows verified equal, then the way back given up${longestText(done.findLast(({ step }) => step === 'complete'))}`,
        ]
      : []),
  ];
}

function stepText(done: ReleaseStepDone): string {
  return `${words[done.step]}${longestText(done)}`;
}

function longestText(done: ReleaseStepDone | undefined): string {
  return done?.longestMs === undefined ? '' : ` (longest request ${milliseconds(done.longestMs)})`;
}

export const whatIsLeft =
  "the monolith's old tables, which refuse writes until banyan cutover uninstall; see docs/migration/complete.md";
