import { Command } from 'commander';
import { readAudit } from '#proxy/cutover/move/audit.ts';
import { configOption, usageError } from '../config-option.ts';
import { table } from '../output.ts';
import type { Call } from '../program.ts';
import { chosenOf, groupOption, migrationOption, type ChosenOptions } from './chosen.ts';
import { readyCopy } from './ready.ts';

export function auditCommand({ output }: Call): Command {
  return new Command('audit')
    .description('who changed the ownership of what, and when, from both databases, newest first')
    .addOption(configOption())
    .addOption(migrationOption())
    .addOption(groupOption())
    .option('--last <count>', 'so many entries', '50')
    .option('--json', 'print as JSON')
    .action(async (options: ChosenOptions & { readonly last: string }) => {
      const { plan } = chosenOf(options);
      const last = Number(options.last);
      if (!Number.isInteger(last) || last < 1 || last > 10_000)
        throw usageError('--last must be between 1 and 10000');
      await readyCopy(plan);
      const entries = await readAudit(plan, last);
      if (options.json === true) output.out(`${JSON.stringify(entries, undefined, 2)}\n`);
      else if (entries.length === 0) output.out('Nothing has changed hands yet.\n');
      else
        output.out(
          table([
            ['AT', 'SIDE', 'GROUP', 'BUCKET', 'WHAT', 'STATE', 'EPOCH', 'BY', 'WHY'],
            ...entries.map(({ at, side, group, bucket, action, state, epoch, by, reason }) => [
              at,
              side,
              group,
              bucket === undefined ? 'all' : String(bucket),
              action,
              state,
              epoch,
              by,
              reason,
            ]),
          ]),
        );
    });
}
