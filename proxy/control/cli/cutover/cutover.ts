import { Command } from 'commander';
import type { Call } from '../program.ts';
import { auditCommand } from './audit.ts';
import { backfillCommand } from './backfill.ts';
import { completeCommand } from './complete.ts';
import { forceOpenCommand } from './force-open.ts';
import { installCommand, uninstallCommand, upgradeCommand } from './install.ts';
import { moveCommand } from './move.ts';
import { parkedCommand } from './parked.ts';
import { preflightCommand } from './preflight.ts';
import { proposeCommand } from './propose.ts';
import { statusCommand } from './status.ts';
import { repairCommand, verifyCommand } from './verify.ts';

export function cutoverCommand(call: Call): Command {
  const cutover = new Command('cutover')
    .description('the data behind a domain: draft, check, install, copy, compare, hand over')
    .helpCommand(false);
  for (const command of [
    proposeCommand,
    preflightCommand,
    installCommand,
    upgradeCommand,
    uninstallCommand,
    backfillCommand,
    statusCommand,
    verifyCommand,
    repairCommand,
    parkedCommand,
    moveCommand,
    auditCommand,
    forceOpenCommand,
    completeCommand,
  ])
    cutover.addCommand(command(call));
  return cutover.addHelpText('after', examples);
}

const examples = `
In their sequence:
  banyan cutover propose --monolith postgres://… --service postgres://…   a first draft of "data:"
  banyan cutover preflight                                               what stands in the way
  banyan cutover install                                                 gate and capture into both databases
  banyan flags stage items-migration dualwrite                           the mover begins the copy
  banyan cutover status                                                  how far it is
  banyan cutover verify                                                  are both sides equal?
  banyan cutover move --to service --dry-run                             what handing over would take
  banyan flags stage items-migration live                                the mover hands over; back is the same way
`;
