import { effectiveShare, type InForceModel } from '#sample/in-force.ts';
import type { LiveModel } from '#sample/live-model.ts';
import { filledCells, percent, shareText } from './format.ts';
import { label, withText } from './labelled.ts';
import { part, type Line, type Tone } from './line.ts';

const widestBar = 40;

const phaseWords: Readonly<Record<LiveModel['ramp']['phase'], readonly [string, Tone]>> = {
  starting: ['starting', 'dim'],
  ramping: ['ramping', 'good'],
  holding: ['holding', 'warn'],
  complete: ['complete', 'good'],
  'rolled-back': ['rolled back', 'bad'],
};

/** Stage and share: what is in force, and what the ramp does. */
export function rampLines({ ramp, inForce, observedShare }: LiveModel, columns: number): Line[] {
  const [word, tone] = phaseWords[ramp.phase];
  const next =
    ramp.secondsLeft === undefined || ramp.phase !== 'ramping'
      ? ''
      : `, ${Math.ceil(ramp.secondsLeft)} s to the next`;
  const stage = inForce?.stage ?? ramp.stage;
  const line = [
    label('Stage'),
    part(stage.padEnd(10), 'strong'),
    part(` step ${ramp.step} of ${ramp.steps}${next}   `),
    part(word, tone),
  ];
  return [...withText(line, ramp.reason, columns), ...shareLines({ ramp, inForce, observedShare }, columns)];
}

/** What is in force, and what the ramp wants where that is something else. */
function shareLines(
  { ramp, inForce, observedShare }: Pick<LiveModel, 'ramp' | 'inForce' | 'observedShare'>,
  columns: number,
): Line[] {
  const { least, most } =
    inForce === undefined ? { least: ramp.share, most: ramp.share } : effectiveShare(inForce);
  const cells = Math.max(10, Math.min(widestBar, columns - 44));
  const filled = filledCells((least + most) / 200, cells);
  const isWished =
    inForce === undefined || (inForce.stage === ramp.stage && least === ramp.share && most === ramp.share);
  const remarks = [
    ...(inForce?.killed === true ? [killRemark(inForce)] : []),
    ...(isWished || ramp.moving ? [] : [`not as the ramp has it: ${ramp.stage}, ${percent(ramp.share)}`]),
    ...(inForce?.shares.exceptions === true ? ['targets or rules come first for some keys'] : []),
  ];
  const line: Line = [
    label('Share'),
    part('█'.repeat(filled), 'service'),
    part('░'.repeat(cells - filled), 'monolith'),
    part(` ${shareText({ least, most })}`, 'strong'),
    part(observedShare === undefined ? '' : ` (measured ${percent(observedShare)})`),
  ];
  return [line, ...(remarks.length === 0 ? [] : [[label(''), part(remarks.join('; '), 'warn')]])];
}

function killRemark({ stage }: InForceModel): string {
  return stage === 'complete' ? 'kill switch on, without effect at complete' : 'kill switch on';
}
