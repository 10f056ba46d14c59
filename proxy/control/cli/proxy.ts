import { Command } from 'commander';
import { stopOnSignal } from '#shared/process/lifetime.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { startProxy } from '../proxy-process.ts';
import { startWorker } from '../worker.ts';
import { drawnSecretVariable, workersVariable } from '../workers.ts';
import { configOf, configOption, type ConfigOption } from './config-option.ts';

export function proxyCommand(): Command {
  return new Command('proxy')
    .description('serve as a data plane alone, in one process: stateless, run as many as you like')
    .addOption(configOption())
    .action(async (options: ConfigOption) => {
      const config = configOf(options);
      const log = createLog({ name: 'banyan proxy', level: config.log.level });
      // Set by `banyan run`, which has the admin port and the terminal.
      const workers = process.env[workersVariable];
      const starting =
        workers === undefined
          ? startProxy(config, log)
          : startWorker(config, {
              log,
              workers: Number(workers),
              versionSecret: process.env[drawnSecretVariable],
            });
      // From the beginning: a signal that comes while it starts stops it as soon as it has.
      stopOnSignal(async () => (await starting).stop(), { leaveInterruptToParent: workers !== undefined });
      await starting;
    });
}
