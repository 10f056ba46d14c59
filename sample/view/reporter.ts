import { effectiveShare } from '#sample/in-force.ts';
import { sentence, type SampleEvent } from '#sample/events.ts';
import type { LiveModel } from '#sample/live-model.ts';
import { isSuccess, type Summary } from '#sample/summary.ts';
import { comparedText } from './compared.ts';
import { copyText } from './copy-lines.ts';
import { clock, milliseconds, perSecond, shareText } from './format.ts';
import { ownerText } from './move-lines.ts';
import { renderSummary } from './summary.ts';
import { createTerminal, type TerminalOut } from './terminal.ts';

/** Where a run is told: a live view, plain lines, or JSON lines. */
export interface Reporter {
  tell(event: SampleEvent): void;
  /** Called about twice a second. */
  show(model: LiveModel): void;
  /** Leaves the live view; what is told from then on are plain lines. */
  leave(): void;
  summarise(summary: Summary): void;
}

export interface ReporterOptions {
  readonly out: TerminalOut;
  readonly json: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export function createReporter({ out, json, env }: ReporterOptions): Reporter {
  if (json) return jsonReporter(out);
  const isLive = out.isTTY === true && env['TERM'] !== 'dumb';
  // https://no-color.org: any value but the empty one.
  const color = isLive && (env['NO_COLOR'] ?? '') === '';
  return isLive ? liveReporter(out, color) : plainReporter(out);
}

const plainEveryMs = 5_000;
const seedingEveryMs = 2_000;
const jsonEveryMs = 1_000;
const keptNotes = 50;

function plainReporter(out: TerminalOut): Reporter {
  const startedAt = performance.now();
  const line = (text: string): void => {
    out.write(`${clock((performance.now() - startedAt) / 1_000)} ${text}\n`);
  };
  const seldom = every(plainEveryMs);
  const seldomSeeding = every(seedingEveryMs);
  return {
    tell(event) {
      if (event.event !== 'seeding' || event.done === event.total || seldomSeeding()) line(sentence(event));
    },
    show: (model) => {
      if (seldom()) line(statusLine(model));
    },
    leave: () => undefined,
    summarise: (summary) => void out.write(renderSummary(summary).join('\n')),
  };
}

/** The whole model in one line, for a log. */
function statusLine({ ramp, inForce, reads, users, shadow, flags, copy, ownership }: LiveModel): string {
  const share = inForce === undefined ? { least: ramp.share, most: ramp.share } : effectiveShare(inForce);
  const requests =
    users === undefined
      ? []
      : [
          perSecond(users.perSecond),
          `${users.ok} ok, ${users.refused} refused as expected, ${users.failed} failed`,
          `p50 ${milliseconds(users.recent.p50)}, p99 ${milliseconds(users.recent.p99)}`,
        ];
  return [
    `${inForce?.stage ?? ramp.stage} ${shareText(share)}${inForce?.killed === true ? ' (kill switch on)' : ''}`,
    `user reads: ${reads.monolith.name} ${reads.monolith.total}, ${reads.service.name} ${reads.service.total}`,
    ...requests,
    ...(shadow === undefined || shadow.compared === 0 ? [] : [`compared: ${comparedText(shadow)}`]),
    `copy: ${copyText(copy)}`,
    `owner: ${ownerText(ownership)}`,
    ...(flags?.state === 'current' ? [] : [`flags: ${flags?.state ?? 'no answer'}`]),
  ].join(' | ');
}

function jsonReporter(out: TerminalOut): Reporter {
  const line = (object: object): void => {
    out.write(`${JSON.stringify({ time: new Date().toISOString(), ...object })}\n`);
  };
  const seldom = every(jsonEveryMs);
  return {
    tell: (event) => line(event),
    show: (model) => {
      if (seldom()) line({ event: 'status', ...model });
    },
    leave: () => undefined,
    summarise: (summary) => line({ event: 'summary', success: isSuccess(summary), ...summary }),
  };
}

function liveReporter(out: TerminalOut, color: boolean): Reporter {
  const plain = plainReporter(out);
  const terminal = createTerminal(out, color);
  const notes: string[] = [];
  return {
    tell(event) {
      notes.push(`${new Date().toTimeString().slice(0, 8)} ${sentence(event)}`);
      if (notes.length > keptNotes) notes.shift();
      if (!terminal.isOpen()) plain.tell(event);
    },
    show: (model) => terminal.draw(model, notes),
    leave: () => terminal.close(),
    summarise: (summary) => plain.summarise(summary),
  };
}

function every(ms: number): () => boolean {
  let last = -Infinity;
  return () => {
    const now = performance.now();
    if (now - last < ms) return false;
    last = now;
    return true;
  };
}
