import { Command } from 'commander';
import { stopOnSignal } from '#shared/process/lifetime.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { exitCodeOf, runRoles } from '../run-role.ts';
import { configOf, configOption, type ConfigOption } from './config-option.ts';
import type { Call } from './program.ts';

export function runRolesCommand(call: Call): Command {
  return new Command('run')
    .description('run every role on this machine, each in a process that is started again when it dies')
    .addOption(configOption())
    .action(async (options: ConfigOption) => {
      // Checked here as well, so that a wrong file is told once, plainly, and not by a child that is started again.
      const config = configOf(options);
      const log = createLog({ name: 'banyan', level: config.log.level });
      const roles = runRoles({ arguments: ['--config', options.config], log });
      stopOnSignal(() => roles.stop(config.drain.notReadyFor + config.drain.within + stopGraceMs));
      call.exitCode = exitCodeOf(await roles.ended);
    });
}

/** Beyond its own drain, before it is killed. */
const stopGraceMs = 5_000;
