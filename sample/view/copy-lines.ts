import { copyNotReady } from '#sample/copy-state.ts';
import type { LiveModel } from '#sample/live-model.ts';
import { milliseconds, whole } from './format.ts';
import { label } from './labelled.ts';
import { part, type Line } from './line.ts';

/** How the copy is, in one line: its progress, then lag and verification. */
export function copyText(copy: LiveModel['copy']): string {
  if (copy === undefined) return 'the mover does not answer';
  const lag = copy.lagMs === undefined ? '' : `, lag ${milliseconds(copy.lagMs)}`;
  const parked = copy.parked === 0 ? '' : `, ${whole(copy.parked)} parked`;
  return `${copy.phase}${progressText(copy)}${lag}${parked}, verified: ${verifiedText(copy.verification)}`;
}

type Copy = NonNullable<LiveModel['copy']>;

function progressText({ phase, progress }: Copy): string {
  if (phase !== 'copying') return '';
  const rows = progress.reduce((sum, one) => sum + one.rows, 0);
  const current = progress.at(-1);
  if (current === undefined) return '';
  const left = current.etaMs === undefined ? '' : `, about ${Math.ceil(current.etaMs / 1_000)} s left`;
  return ` ${current.dataset} (${whole(rows)} rows, ${whole(Math.round(current.rowsPerSecond))}/s${left})`;
}

function verifiedText(verification: Copy['verification']): string {
  if (verification.state === 'none') return 'not yet';
  if (verification.state === 'running') return `${Math.floor(100 * verification.done)} %`;
  if (verification.state === 'equal') return `equal, ${whole(verification.rows)} rows`;
  return `${whole(verification.differences)} rows differ`;
}

export function copyLine(copy: LiveModel['copy']): Line {
  const isReady = copyNotReady(copy) === undefined;
  return [
    label('Copy'),
    part(copyText(copy), copy?.lastError !== undefined ? 'bad' : isReady ? 'good' : 'plain'),
  ];
}
