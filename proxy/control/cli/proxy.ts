import { Command } from 'commander';
import { stopOnSignal } from '#shared/process/lifetime.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { startProxyRole } from '../proxy-role.ts';
import { configOf, configOption, type ConfigOption } from './config-option.ts';

export function proxyCommand(): Command {
  return new Command('proxy')
    .description('serve as a data plane alone: stateless, run as many as you like')
    .addOption(configOption())
    .action(async (options: ConfigOption) => {
      const config = configOf(options);
      const role = await startProxyRole(config, createLog({ name: 'banyan proxy', level: config.log.level }));
      stopOnSignal(() => role.stop());
    });
}
