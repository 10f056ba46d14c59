import { Option } from 'commander';
import { readConfig, type DatedChecks } from '#proxy/config/read.ts';
import type { Config } from '#proxy/config/schema.ts';

export interface ConfigOption {
  readonly config: string;
}

/** The option that every command has which needs the configuration. */
export function configOption(): Option {
  return new Option('-c, --config <file>', 'configuration file').default('banyan.yaml').env('BANYAN_CONFIG');
}

/** @throws ConfigError that lists everything that is wrong */
export function configOf(options: ConfigOption, checks: DatedChecks = {}): Config {
  return readConfig(options.config, process.env, checks);
}

/** An error of the call itself, told with exit code 2. */
export function usageError(message: string): Error {
  return Object.assign(new Error(message), { name: 'UsageError' });
}
