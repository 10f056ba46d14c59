import { Command } from 'commander';
import { abandonBackfill, startBackfill } from '#proxy/cutover/backfill/backfill.ts';
import type { CopyFacts } from '#proxy/cutover/copy/facts.ts';
import type { Side } from '#flags/stages.ts';
import { otherSide } from '#proxy/cutover/plan.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { configOption } from '../config-option.ts';
import { table } from '../output.ts';
import type { Call } from '../program.ts';
import { chosenOf, groupOption, migrationOption, type ChosenOptions } from './chosen.ts';
import { interruptible } from './interrupt.ts';
import { assertNotOver } from './over.ts';
import { readyCopy } from './ready.ts';
import { createProgress, durationText, progressForm } from './progress.ts';

export function backfillCommand({ output }: Call): Command {
  return new Command('backfill')
    .description('copy every row once, from the owner to the other side; goes on where it was stopped')
    .addOption(configOption())
    .addOption(migrationOption())
    .addOption(groupOption())
    .option('--anew', 'forget what was copied before and go over every row again; no row is written twice')
    .option('--json', 'print progress as JSON lines on standard error, and the result as JSON')
    .addHelpText(
      'after',
      '\nThe mover does this by itself at the stage dualwrite. Ctrl-C stops it between two chunks.',
    )
    .action(async (options: ChosenOptions & { readonly anew?: true }) => {
      const { plan, limits } = chosenOf(options);
      const { owner, facts } = await readyCopy(plan);
      await assertNotOver(plan);
      const to = otherSide(owner);
      const wasFilled = options.anew !== true && isFilled(facts, to);
      if (options.anew === true) await abandonBackfill({ plan, to });
      const progress = createProgress(output, progressForm(options.json));
      const result = await interruptible((signal) =>
        startBackfill({
          plan,
          to,
          signal,
          log: createLog({ name: 'banyan cutover', level: 'error', fd: 2 }),
          settings: { workers: limits.workers },
          onProgress: ({ dataset, rows, estimated, rowsPerSecond, etaMs, brake }) =>
            progress.show({
              what: dataset,
              done: Math.min(rows / Math.max(estimated, 1), 1),
              rows,
              rowsPerSecond,
              etaMs,
              brake,
            }),
        }),
      ).finally(() => progress.end());
      if (options.json === true) {
        output.out(`${JSON.stringify(result, undefined, 2)}\n`);
        return;
      }
      const rows = result.datasets.map(({ dataset, rows: written, leftAlone, parked, resumed }) => [
        dataset,
        String(written),
        String(leftAlone),
        String(parked),
        resumed ? 'yes' : 'no',
      ]);
      output.out(table([['DATASET', 'ROWS WRITTEN', 'THERE ALREADY', 'PARKED', 'RESUMED'], ...rows]));
      output.out(
        wasFilled
          ? `\nThe ${to} was filled before; nothing was left to copy. --anew goes over every row again.\n`
          : `\nThe ${to} was filled in ${durationText(result.tookMs)}. Next: banyan cutover verify\n`,
      );
    });
}

function isFilled(facts: readonly CopyFacts[], to: Side): boolean {
  const runs = facts.filter(({ side }) => side === to).flatMap(({ datasets }) => datasets);
  return runs.every(({ run }) => run === 'closed');
}
