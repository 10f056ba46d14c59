import type { LiveModel, SideModel } from '#sample/live-model.ts';
import { comparedText } from './compared.ts';
import { copyLine } from './copy-lines.ts';
import { clock, filledCells, milliseconds, perSecond, whole } from './format.ts';
import { label, withText } from './labelled.ts';
import { movesLines, ownerLines } from './move-lines.ts';
import { releaseLine } from './release-lines.ts';
import { part, renderLine, wrapped, type Line, type Part, type Tone } from './line.ts';
import { rampLines } from './ramp-lines.ts';
import { leastTryRows, tryLines } from './try-it.ts';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
}

/**
 * The whole screen as lines, none wider than the terminal and not more than it has rows. A pure function of its input.
 * @param notes the latest events in words, oldest first
 */
export function renderScreen(model: LiveModel, notes: readonly string[], size: ScreenSize): string[] {
  const { columns, rows, color } = size;
  const fixed = [
    title(model),
    ...rampLines(model, columns),
    [],
    ...sideLines(model, columns),
    comparedLine(model),
    ...userLines(model),
    ...flagLines(model, columns),
    copyLine(model.copy),
    ...ownerLines(model, columns),
    ...movesLines(model),
    releaseLine(model.release),
    processLine(model),
    [],
  ];
  const latest = Math.max(1, wrapped(notes.at(-1) ?? '', columns - noteIndent).length);
  const below = [...triesThatFit(model, rows - fixed.length - latest - 1), placesLine(model)];
  const room = Math.max(1, rows - fixed.length - below.length);
  const events = noteLines(notes, { columns, room: Math.min(room, 8) });
  return [...fixed, ...events, ...below]
    .slice(0, rows)
    .map((line) => renderLine(line, { width: columns, color }));
}

/** What is wrong takes the place of what might be tried; half of the first command would be of no use. */
function triesThatFit(model: LiveModel, room: number): Line[] {
  return room < leastTryRows ? [] : [[], ...tryLines(model)].slice(0, room);
}

function title({ elapsedSeconds }: LiveModel): Line {
  return [
    part(' Banyan', 'strong'),
    part('  the users domain leaves the monolith', 'dim'),
    part(`   ${clock(elapsedSeconds)}   `),
    part('Ctrl-C ends it', 'dim'),
  ];
}

function sideLines({ reads }: LiveModel, columns: number): Line[] {
  const sides: readonly (readonly [SideModel, Tone])[] = [
    [reads.monolith, 'monolith'],
    [reads.service, 'service'],
  ];
  const most = Math.max(1, reads.monolith.perSecond, reads.service.perSecond);
  const cells = Math.max(0, Math.min(20, columns - 70));
  return [
    [
      label('User reads'),
      part(' '.repeat(14)),
      part(`${'now'.padStart(8)}${'total'.padStart(12)}${'p50'.padStart(10)}${'p99'.padStart(10)}`, 'dim'),
    ],
    ...sides.map(([side, tone]): Line => [
      label(''),
      part(side.name.padEnd(14), tone),
      part(perSecond(side.perSecond).padStart(8)),
      part(whole(side.total).padStart(12)),
      part(milliseconds(side.latency?.p50 ?? 0).padStart(10)),
      part(milliseconds(side.latency?.p99 ?? 0).padStart(10)),
      part(`  ${'▇'.repeat(filledCells(side.perSecond / most, cells))}`, tone),
    ]),
  ];
}

function comparedLine({ shadow }: LiveModel): Line {
  const different = shadow?.different ?? 0;
  return [label('Compared'), part(comparedText(shadow), different > 0 ? 'bad' : 'plain')];
}

function userLines({ users }: LiveModel): Line[] {
  if (users === undefined)
    return [[label('Requests'), part('none of our own (--no-traffic)', 'dim')], [label('')]];
  return [
    [
      label('Requests'),
      part(perSecond(users.perSecond), 'strong'),
      part(`   ok ${whole(users.ok)}`),
      part(`   refused as expected ${whole(users.refused)}`),
      part(`   failed ${whole(users.failed)}`, users.failed > 0 ? 'bad' : 'good'),
      ...(users.unsent > 0 ? [part(`   not sent ${whole(users.unsent)}`, 'warn')] : []),
    ],
    [
      label('Latency'),
      part(`p50 ${milliseconds(users.recent.p50)}   p99 ${milliseconds(users.recent.p99)}`),
      part(`   in flight ${whole(users.inFlight)}`, 'dim'),
    ],
  ];
}

function flagLines({ flags }: LiveModel, columns: number): Line[] {
  if (flags === undefined) return [[label('Flags'), part('the proxy does not answer', 'bad')]];
  if (flags.state === 'current') return [[label('Flags'), part('in force as the file has them', 'good')]];
  const why = flags.firstProblem ?? flags.lastError ?? 'the flag file is gone';
  return withText([label('Flags'), part('the last good ones are in force', 'bad')], why, columns);
}

const noteIndent = 4;

/** The latest that fit, each as a whole; of one that is longer than the room its beginning. */
function noteLines(
  notes: readonly string[],
  { columns, room }: { readonly columns: number; readonly room: number },
): Line[] {
  const shown: Line[] = [];
  for (const note of notes.toReversed()) {
    const rows = wrapped(note, columns - noteIndent);
    if (shown.length > 0 && shown.length + rows.length > room) break;
    shown.unshift(
      ...rows.map((row, at): Line => [part(at === 0 ? '  · ' : '    ', 'dim'), part(row)]).slice(0, room),
    );
    if (shown.length >= room) break;
  }
  return shown;
}

function processLine({ processes }: LiveModel): Line {
  return [
    label('Processes'),
    ...processes.flatMap(({ name, pid, restarts }, at): Part[] => [
      part(at === 0 ? '' : ' · ', 'dim'),
      part(`${name} `),
      pid === undefined ? part('restarting', 'bad') : part(String(pid), 'dim'),
      ...(restarts > 0 ? [part(` (restarted ${restarts}×)`, 'warn')] : []),
    ]),
  ];
}

function placesLine({ places }: LiveModel): Line {
  return [label('Data'), part(places.dataFolder), part('   (flags.json, banyan.yaml, logs)', 'dim')];
}
