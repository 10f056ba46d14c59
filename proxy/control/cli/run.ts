import { Command } from 'commander';
import { messageOf } from '#shared/errors/message.ts';
import { stopOnSignal } from '#shared/process/lifetime.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { routeTable } from '#proxy/route/table.ts';
import { checkFlagFile } from '../configured-flags.ts';
import { run } from '../run.ts';
import { configOf, configOption, type ConfigOption } from './config-option.ts';
import { exitCodes } from './output.ts';
import type { Call } from './program.ts';

export function runCommandOf(call: Call): Command {
  return new Command('run')
    .description(
      'run every role on this machine, in workers over its cores; a worker that dies is started again',
    )
    .addOption(configOption())
    .addHelpText(
      'after',
      '\nSIGTERM drains and ends; SIGHUP reads the configuration again and replaces one worker after the other.',
    )
    .action(async (options: ConfigOption) => {
      // Checked here as well, so that a wrong file is told once, plainly, and not by each worker.
      const config = configOf(options);
      await checkFlagFile(config, routeTable(config));
      const log = createLog({ name: 'banyan', level: config.log.level });
      const starting = run(config, { arguments: ['--config', options.config], log });
      stopOnSignal(async () => (await starting).stop());
      const running = await starting;
      process.on('SIGHUP', () => {
        try {
          // Tried before a worker is touched. Ports, workers and the admin port stay as they were at the start.
          configOf(options);
        } catch (error) {
          log.error({ detail: messageOf(error) }, 'the configuration is wrong; nothing was replaced');
          return;
        }
        log.info('replacing the workers');
        running
          .roll()
          .catch((error: unknown) => log.error({ err: error }, 'the workers could not be replaced'));
      });
      const ending = await running.ended;
      call.exitCode = ending.reason === 'stopped' ? exitCodes.ok : exitCodes.failed;
    });
}
