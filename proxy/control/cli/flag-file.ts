import type { FlagDefinition } from '#flags/definitions.ts';
import type { Config } from '#proxy/config/schema.ts';
import { configuredFlags } from '#proxy/route/flag-definitions.ts';
import { usageError } from './config-option.ts';

type Kind = FlagDefinition['kind'];

/** What the commands call the kinds of flags. */
export const kindNames: Readonly<Record<Kind, string>> = {
  migration: 'stage',
  read: 'share',
  kill: 'kill switch',
};

const commands: Readonly<Record<Kind, string>> = { migration: 'stage', read: 'share', kill: 'switch' };

/**
 * The flag file that the configuration names, absolute.
 * @throws UsageError where the flags come from LaunchDarkly
 */
export function flagFileOf({ flags }: Config): string {
  if (flags.source === 'file') return flags.path;
  throw usageError('the flags come from LaunchDarkly: show and change them there');
}

/**
 * The flag file, once it is clear that none of the flags is of another kind: the proxies would refuse such an edit.
 * @throws UsageError that names the right command
 */
export function fileForEdit(config: Config, kind: Kind, flags: readonly string[]): string {
  const file = flagFileOf(config);
  for (const known of configuredFlags(config).all) {
    if (known.kind !== kind && flags.includes(known.key))
      throw usageError(
        `"${known.key}" is a ${kindNames[known.kind]}: use "banyan flags ${commands[known.kind]}"`,
      );
  }
  return file;
}
