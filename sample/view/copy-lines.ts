import { copyNotReady } from '#sample/copy-state.ts';
import type { LiveModel } from '#sample/live-model.ts';
import { filledCells, milliseconds, percent, whole } from './format.ts';
import { label } from './labelled.ts';
import { part, type Line } from './line.ts';

/** How the copy is, in one line: its progress, then lag and verification. */
export function copyText(copy: LiveModel['copy']): string {
  if (copy === undefined) return 'the mover does not answer';
  const lag = copy.lagMs === undefined ? '' : `, lag ${milliseconds(copy.lagMs)}`;
  const parked = copy.parked === 0 ? '' : `, ${whole(copy.parked)} parked`;
  // Nothing is verified before everything is copied.
  const verdict = copy.phase === 'copying' ? undefined : verifiedText(copy.verification);
  const verified = verdict === undefined ? '' : `, verified: ${verdict}`;
  return `${copy.phase}${progressText(copy)}${lag}${parked}${verified}`;
}

const barCells = 10;

type Copy = NonNullable<LiveModel['copy']>;

function progressText({ phase, progress }: Copy): string {
  if (phase !== 'copying') return '';
  const current = progress.at(-1);
  if (current === undefined) return '';
  const left = current.etaMs === undefined ? '' : `, ${Math.ceil(current.etaMs / 1_000)} s left`;
  const held = current.brake === undefined ? '' : `, held back (${current.brake})`;
  const done = Math.min(current.rows / Math.max(current.estimated, 1), 1);
  const bar = `${'█'.repeat(filledCells(done, barCells))}${'░'.repeat(barCells - filledCells(done, barCells))}`;
  return ` ${current.dataset} ${bar} ${percent(Math.floor(100 * done))}, ${whole(current.rowsPerSecond)} rows/s${left}${held}`;
}

function verifiedText(verification: Copy['verification']): string | undefined {
  if (verification.state === 'none') return undefined;
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
