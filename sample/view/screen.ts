import type { LiveModel, SideModel } from '#sample/live-model.ts';
import { clock, filledCells, milliseconds, percent, perSecond, whole } from './format.ts';
import { part, renderLine, type Line, type Part, type Tone } from './line.ts';
import { tryLines } from './try-it.ts';

export interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
  readonly color: boolean;
}

const labelWidth = 11;
const widestBar = 40;

/**
 * The whole screen as lines, none wider than the terminal and not more than it has rows. A pure function of its input.
 * @param notes the latest events in words, oldest first
 */
export function renderScreen(model: LiveModel, notes: readonly string[], size: ScreenSize): string[] {
  const { columns, rows, color } = size;
  const fixed = [
    title(model),
    [],
    ...rampLines(model, columns),
    [],
    ...sideLines(model, columns),
    [],
    ...userLines(model),
    flagLine(model),
    processLine(model),
    [],
  ];
  const below: Line[] = [[], ...tryLines(model), placesLine(model)];
  const room = Math.max(1, rows - fixed.length - below.length);
  const events: Line[] = notes.slice(-Math.min(room, 8)).map((note) => [part('  · ', 'dim'), part(note)]);
  return [...fixed, ...events, ...below]
    .slice(0, rows)
    .map((line) => renderLine(line, { width: columns, color }));
}

function title({ elapsedSeconds }: LiveModel): Line {
  return [
    part(' Banyan', 'strong'),
    part('  the users domain leaves the monolith', 'dim'),
    part(`   ${clock(elapsedSeconds)}   `),
    part('Ctrl-C ends it', 'dim'),
  ];
}

const phaseWords: Readonly<Record<LiveModel['ramp']['phase'], readonly [string, Tone]>> = {
  starting: ['starting', 'dim'],
  ramping: ['ramping', 'good'],
  holding: ['holding', 'warn'],
  complete: ['complete', 'good'],
  'rolled-back': ['rolled back', 'bad'],
};

function rampLines({ ramp, observedShare }: LiveModel, columns: number): Line[] {
  const cells = Math.max(10, Math.min(widestBar, columns - 44));
  const filled = filledCells(ramp.share / 100, cells);
  const [word, tone] = phaseWords[ramp.phase];
  const next =
    ramp.secondsLeft === undefined || ramp.phase !== 'ramping'
      ? ''
      : `, ${Math.ceil(ramp.secondsLeft)} s to the next`;
  return [
    [
      label('Stage'),
      part(ramp.stage.padEnd(10), 'strong'),
      part(` step ${ramp.step} of ${ramp.steps}${next}   `),
      part(word, tone),
      ...(ramp.reason === undefined ? [] : [part(`: ${ramp.reason}`)]),
    ],
    [
      label('Share'),
      part('█'.repeat(filled), 'service'),
      part('░'.repeat(cells - filled), 'monolith'),
      part(` ${percent(ramp.share)}`, 'strong'),
      part(observedShare === undefined ? '' : ` (measured ${percent(observedShare)})`),
    ],
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

function flagLine({ flags }: LiveModel): Line {
  if (flags === undefined) return [label('Flags'), part('the proxy does not answer', 'bad')];
  if (flags.state === 'current') return [label('Flags'), part('in force as the file has them', 'good')];
  return [
    label('Flags'),
    part('the last good ones are in force: ', 'bad'),
    part(flags.lastError ?? 'the flag file is gone'),
  ];
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
  return [label('Data'), part(places.dataFolder), part('   (flags.json, logs)', 'dim')];
}

function label(text: string): Part {
  return part(` ${text.padEnd(labelWidth)}`, 'dim');
}
