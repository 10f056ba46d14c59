import { Command, Option } from 'commander';
import type { Side } from '#flags/stages.ts';
import { forceOpen } from '#proxy/cutover/move/force-open.ts';
import { otherSide } from '#proxy/cutover/plan.ts';
import { configOption } from '../config-option.ts';
import type { Call } from '../program.ts';
import { askFor } from './ask.ts';
import { chosenOf, groupOption, migrationOption, type ChosenOptions } from './chosen.ts';
import { operator } from './move.ts';

interface ForceOpenCommandOptions extends ChosenOptions {
  readonly side: Side;
  readonly yes?: true;
}

export function forceOpenCommand(call: Call): Command {
  return new Command('force-open')
    .description('open a side when the other one is lost; what only the lost side has is lost')
    .addOption(configOption())
    .addOption(migrationOption())
    .addOption(groupOption())
    .addOption(
      new Option('--side <side>', 'the side that is there and shall write')
        .choices(['monolith', 'service'])
        .makeOptionMandatory(),
    )
    .option('-y, --yes', 'do not ask')
    .option('--json', 'print as JSON')
    .action(async (options: ForceOpenCommandOptions) => {
      const { plan } = chosenOf(options);
      const { side } = options;
      call.output.error(
        costText(
          side,
          plan.groups.map(({ name }) => name),
        ),
      );
      if (options.yes !== true)
        await askFor(side, `Write the side that shall be opened (${side}) to go on: `, '--yes');
      for (const { name: group } of plan.groups) {
        const report = await forceOpen({ plan, group, side, by: operator() });
        call.output.out(
          options.json === true
            ? `${JSON.stringify({ group, side, ...report })}\n`
            : `group ${group}: ${report.opened.length} buckets opened on the ${side}, ${report.owned} were its own, ${report.closed.length} closed on the ${otherSide(side)} first\n${report.unreachable === undefined ? '' : `  the ${otherSide(side)} does not answer (${report.unreachable}): it is closed when a mover reaches it\n`}`,
        );
      }
    });
}

function costText(side: Side, groups: readonly string[]): string {
  const other = otherSide(side);
  return `This opens the ${side} for all buckets of ${groups.join(', ')}, whatever the ${other} says.
What it costs:
  - every write that the ${other} has acknowledged and the ${side} has not got is lost from the owner;
  - as long as the ${other} is alive somewhere and can't be reached from here, it may go on taking writes: these are lost too.
    Make sure that it is dead, or cut off from its applications;
  - when it comes back it is closed, and its rows are compared with the ${side}'s: banyan cutover verify.
`;
}
