import { brakes, type Brake } from '#proxy/cutover/backfill/throttle.ts';
import type { Output } from '../output.ts';

export interface ProgressLine {
  readonly what: string;
  /** 0 to 1. */
  readonly done: number;
  readonly rows: number;
  readonly rowsPerSecond?: number | undefined;
  readonly etaMs?: number | undefined;
  /** What holds a copy back. */
  readonly brake?: Brake | undefined;
}

export interface Progress {
  show(line: ProgressLine): void;
  end(): void;
}

export type ProgressForm = 'bar' | 'lines' | 'json';

const barWidth = 24;
/** Not oftener than that, in milliseconds. */
const pace: Readonly<Record<ProgressForm, number>> = { bar: 100, lines: 2_000, json: 1_000 };

/** A bar that is drawn over itself on a terminal, lines elsewhere, one JSON object a line with --json. On standard error. */
export function createProgress(output: Output, form: ProgressForm): Progress {
  let shownAt = 0;
  let what = '';
  let wasDone = false;
  let isOpen = false;
  return {
    show(line) {
      const now = performance.now();
      const isDone = line.done >= 1;
      if (line.what === what && (isDone ? wasDone : now - shownAt < pace[form])) return;
      wasDone = isDone;
      const isNext = line.what !== what && isOpen;
      what = line.what;
      shownAt = now;
      if (form === 'json') output.error(`${JSON.stringify({ progress: line })}\n`);
      else if (form === 'lines') output.error(`${progressText(line)}\n`);
      else {
        output.error(`${isNext ? '\n' : ''}\r\u001B[2K${barOf(line.done)} ${progressText(line)}`);
        isOpen = true;
      }
    },
    end() {
      if (isOpen) output.error('\n');
      isOpen = false;
    },
  };
}

export function progressForm(json: boolean | undefined): ProgressForm {
  if (json === true) return 'json';
  return process.stderr.isTTY ? 'bar' : 'lines';
}

export function progressText({ what, done, rows, rowsPerSecond, etaMs, brake }: ProgressLine): string {
  const parts = [`${Math.floor(done * 100)} %`, `${rows.toLocaleString('en')} rows`];
  if (rowsPerSecond !== undefined && rowsPerSecond > 0)
    parts.push(`${Math.round(rowsPerSecond).toLocaleString('en')}/s`);
  if (etaMs !== undefined && done < 1) parts.push(`${durationText(etaMs)} left`);
  const held = brake === undefined || done >= 1 ? '' : `; ${brakes[brake]}`;
  return `${what}: ${parts.join(', ')}${held}`;
}

function barOf(done: number): string {
  const full = Math.round(Math.min(Math.max(done, 0), 1) * barWidth);
  return `[${'#'.repeat(full)}${'.'.repeat(barWidth - full)}]`;
}

/** `850 ms`, `12 s`, `3 min 20 s`, `2 h 5 min`. */
export function durationText(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
