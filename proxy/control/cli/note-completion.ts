import type { Stage } from '#flags/stages.ts';
import type { Config } from '#proxy/config/schema.ts';
import { askComplete } from '../ask-complete.ts';
import type { Output } from './output.ts';

interface FlagChange {
  readonly flag: string;
  readonly kind: 'migrationFlag' | 'killSwitch';
  readonly stage?: Stage;
}

/** Says where a change of a flag does nothing, or not yet what it is called: a completion is not the flag's to make or undo. */
export async function noteCompletion(
  config: Config,
  { flag, kind, stage }: FlagChange,
  output: Output,
): Promise<void> {
  for (const [migration, one] of Object.entries(config.migrations)) {
    if (one[kind] !== flag || one.data === undefined) continue;
    const complete = await askComplete(config, migration);
    if (complete === true && stage !== 'complete')
      output.error(
        `banyan: ${migration} is complete: the service keeps the data and answers, and the proxies ignore this. Leave the flag at complete.\n`,
      );
    else if (complete === false && stage === 'complete')
      output.error(
        `banyan: the way back of ${migration} stays open until: banyan cutover complete --migration ${migration}\n`,
      );
  }
}
