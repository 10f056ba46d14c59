import { Command } from 'commander';
import { stopOnSignal } from '#shared/process/lifetime.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { hasData, startMoverRole } from '../mover/mover-role.ts';
import { configOf, configOption, usageError, type ConfigOption } from './config-option.ts';

export function moverCommand(): Command {
  return new Command('mover')
    .description('run the mover role alone: the copies, as the stages want them; a second one stands by')
    .addOption(configOption())
    .action(async (options: ConfigOption) => {
      const config = configOf(options);
      if (!hasData(config))
        throw usageError(`no migration of ${options.config} has "data", so there is nothing to move`);
      const log = createLog({ name: 'banyan mover', level: config.log.level });
      const starting = startMoverRole(config, log);
      stopOnSignal(async () => (await starting).stop(), {
        leaveInterruptToParent: process.send !== undefined,
      });
      await starting;
    });
}
