import { Command } from 'commander';
import type { Config } from '#proxy/config/schema.ts';
import { waitedMigration } from '#proxy/config/waited-migration.ts';
import { complete, completionObstacles } from '#proxy/cutover/move/completion.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { configOption } from '../config-option.ts';
import { exitCodes } from '../output.ts';
import type { Call } from '../program.ts';
import { askFor } from './ask.ts';
import { chosenOf, migrationOption, type ChosenOptions } from './chosen.ts';
import { operator } from './move.ts';
import { readyCopy } from './ready.ts';

interface CompleteOptions extends ChosenOptions {
  readonly yes?: true;
  readonly noWayBack?: true;
}

export function completeCommand(call: Call): Command {
  return new Command('complete')
    .description(
      'give the way back up: ends the stream back, leaves the old tables alone. It can’t be undone',
    )
    .addOption(configOption())
    .addOption(migrationOption())
    .option('-y, --yes', 'do not ask the first time')
    .option('--no-way-back', 'do not ask the second time')
    .option('--json', 'print as JSON')
    .action(async (options: Omit<CompleteOptions, 'noWayBack'> & { readonly wayBack?: boolean }) => {
      const { config, plan } = chosenOf(options);
      await readyCopy(plan);
      const obstacles = await completionObstacles({
        plan,
        owner: 'service',
        stillRead: stillRead(config, plan),
      });
      if (obstacles.length > 0) {
        call.output.error(
          `${plan.migration} can't be completed:\n${obstacles.map((line) => `  ${line}\n`).join('')}`,
        );
        call.exitCode = exitCodes.failed;
        return;
      }
      call.output.error(
        `After this no write of the service reaches the monolith any more, and no flag takes the data back.\n`,
      );
      const { migration } = plan;
      if (options.yes !== true)
        await askFor(migration, `Write the migration's name to go on: `, '--yes --no-way-back');
      if (options.wayBack !== false)
        await askFor('no way back', `Write "no way back" to do it: `, '--yes --no-way-back');
      await complete(plan, operator());
      call.output.out(
        options.json === true
          ? `${JSON.stringify({ migration, complete: true })}\n`
          : `${migration} is complete. The monolith's tables stay as they are, and refuse writes until "banyan cutover uninstall".\n`,
      );
    });
}

/** Routes that stay with the default target and read what has moved, as the configuration declares them (`staying`). */
function stillRead({ staying, migrations }: Config, { migration }: CutoverPlan): string[] {
  return staying
    .filter(({ waitsFor }) => waitsFor.some((waited) => waitedMigration(waited, migrations) === migration))
    .map(({ name }) => `the route ${name} stays, and reads what moved: it needs the copy`);
}
