import { Command } from 'commander';
import { routeTable } from '#proxy/route/table.ts';
import { checkFlagFile } from '../configured-flags.ts';
import { configOf, configOption, type ConfigOption } from './config-option.ts';
import { table as columns } from './output.ts';
import type { Call } from './program.ts';

export function checkCommand({ output }: Call): Command {
  return new Command('check')
    .description('check the configuration, and the flag file that it names, without serving anything')
    .addOption(configOption())
    .option('--json', 'print the routes as JSON')
    .action(async (options: ConfigOption & { readonly json?: true }) => {
      const config = configOf(options, { now: Date.now() });
      const table = routeTable(config);
      const checksFlags = await checkFlagFile(config, table);
      const routes = table.routes.map(({ name, match, kind, migration, flags }) => ({
        name,
        match,
        kind,
        migration,
        readFlag: flags.read?.key,
      }));
      if (options.json === true) {
        output.out(`${JSON.stringify({ config: options.config, routes }, undefined, 2)}\n`);
        return;
      }
      const rows = routes.map(({ name, match, kind, migration, readFlag }) => [
        migration,
        name,
        kind,
        match,
        readFlag ?? '-',
      ]);
      output.out(columns([['MIGRATION', 'ROUTE', 'KIND', 'MATCH', 'READ FLAG'], ...rows]));
      const flags = checksFlags
        ? `all ${table.flags.all.length} flags are in the flag file`
        : 'flags come from LaunchDarkly and were not asked';
      output.out(
        `\n${options.config} is good: ${routes.length} routes, ${Object.keys(config.targets).length} targets; ${flags}.\n`,
      );
    });
}
