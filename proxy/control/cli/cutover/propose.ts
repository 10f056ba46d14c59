import { Command } from 'commander';
import { writeFileSync } from 'node:fs';
import { placeOf } from '#proxy/cutover/catalog/connect.ts';
import { propose } from '#proxy/cutover/propose/propose.ts';
import { configOption, usageError } from '../config-option.ts';
import type { Call } from '../program.ts';
import { chosenOf, migrationOption, type ChosenOptions } from './chosen.ts';

interface ProposeOptions extends ChosenOptions {
  readonly monolith?: string;
  readonly service?: string;
  readonly output?: string;
}

export function proposeCommand({ output }: Call): Command {
  return new Command('propose')
    .description('draft the `data:` section of a migration from the catalogs of two databases')
    .option('--monolith <url>', 'postgres://… of the monolith, as a role that may read its catalog')
    .option('--service <url>', 'postgres://… of the service. Without the two: those of banyan.yaml')
    .option('-o, --output <file>', 'write it there; an existing file is not replaced')
    .addOption(configOption())
    .addOption(migrationOption())
    .option('--json', 'print the draft and what is unsure about it as JSON')
    .action(async (options: ProposeOptions) => {
      const draft = await propose(urlsOf(options));
      const { text, unsure, datasets, groups } = draft;
      if (options.json === true) {
        output.out(`${JSON.stringify({ yaml: text, unsure, datasets, groups }, undefined, 2)}\n`);
        return;
      }
      if (options.output === undefined) output.out(text);
      else writeNew(options.output, text);
      output.error(`${datasets} tables paired in ${groups} groups; ${unsure} guesses are marked UNSURE.\n`);
    });
}

function urlsOf(options: ProposeOptions): { monolith: string; service: string } {
  const { monolith, service } = options;
  if ((monolith === undefined) !== (service === undefined))
    throw usageError('give both --monolith and --service, or neither to take those of banyan.yaml');
  if (monolith !== undefined && service !== undefined) {
    for (const [name, url] of Object.entries({ monolith, service }))
      if (!isDatabaseUrl(url))
        throw usageError(
          `--${name} must be a URL of PostgreSQL, e.g. postgres://login:password@127.0.0.1:5432/shop`,
        );
    if (placeOf(monolith) === placeOf(service))
      throw usageError(`--monolith and --service are both ${placeOf(monolith)}: name two databases`);
    return { monolith, service };
  }
  const { databases } = chosenOf(options).plan;
  return {
    monolith: databases.monolith.installUrl ?? databases.monolith.url,
    service: databases.service.installUrl ?? databases.service.url,
  };
}

/** Without a host, what was meant as a password might be taken for the database, and be quoted. */
function isDatabaseUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, pathname } = new URL(text);
  return /^postgres(ql)?:$/.test(protocol) && hostname !== '' && pathname.length > 1;
}

function writeNew(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx' });
  } catch (cause) {
    const code = Error.isError(cause) && 'code' in cause ? String(cause.code) : 'unknown';
    throw usageError(
      code === 'EEXIST'
        ? `${file} is there already; name another file`
        : `${file} cannot be written (${code})`,
    );
  }
}
