import type { Side } from '#flags/stages.ts';
import { lead } from '#proxy/control/mover/leader.ts';
import { startMover } from '#proxy/control/mover/mover.ts';
import { engine } from '#proxy/cutover/engine.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { createLog } from '#shared/telemetry/log.ts';

// A process of its own that copies several plans, so that it can be killed. It says how the copies are on standard output,
// a line of JSON each time, and ends with its parent's pipe.

process.stdin.on('end', () => process.exit());
process.stdin.resume();

const owned = JSON.parse(process.env['HISTORY_PLANS'] ?? '[]') as { plan: CutoverPlan; owner: Side }[];
/** Without it a row that went missing would be brought back unnoticed. */
const repairs = process.env['HISTORY_REPAIRS'] === 'yes';
const movers = owned.map(({ plan, owner }) =>
  startMover({
    plan,
    limits: {
      outboxBytes: 2 ** 32,
      outboxAgeMs: 3_600_000,
      verifyWithinMs: 3_000,
      workers: 2,
      chunkRows: 100,
      trimMs: 300,
    },
    engine: {
      ...engine,
      async repair(options) {
        const nothing = { dryRun: false, repaired: 0, deleted: 0, equalAlready: 0 };
        if (repairs) return engine.repair(options);
        return { ...nothing, failed: options.differences.map((difference) => failed(difference)) };
      },
    },
    lead,
    // One that copies and leaves the data where it is.
    stage: () => (owner === 'service' ? 'rampdown' : 'dualwrite'),
    log: createLog({ name: 'mover', level: 'silent' }),
    backoffMs: 50,
    lookMs: 20,
  }),
);

function failed(difference: Parameters<typeof engine.repair>[0]['differences'][number]) {
  return { difference, code: 'pending' as const, reason: 'left to the stream' };
}

setInterval(() => {
  const lines = movers.map((mover) => {
    const { migration, phase, parked, lastError, verification, progress, streams } = mover.status();
    const brakes = progress.map(({ dataset, rows, brake }) => ({ dataset, rows, brake }));
    const states = streams.flatMap(({ groups }) =>
      groups.map(({ state, lagMs, applied, failure }) => ({ state, lagMs, applied, failure })),
    );
    const memory = process.memoryUsage.rss();
    return `${JSON.stringify({ migration, phase, parked, lastError, verification, memory, brakes, states })}\n`;
  });
  process.stdout.write(lines.join(''));
}, 100);
