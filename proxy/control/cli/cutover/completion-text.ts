import type { Side, Stage } from '#flags/stages.ts';
import { sinceText, type SideCompletion } from '#proxy/cutover/move/completed.ts';

export interface CompletionShown {
  readonly migration: string;
  /** `undefined`: a side can't be asked. */
  readonly said: Readonly<Record<Side, SideCompletion>> | undefined;
  /** The flag's, as far as it is known. */
  readonly stage: Stage | undefined;
}

/** What somebody is to know, and to do, about the way back; nothing while it is simply open. */
export function completionText({ migration, said, stage }: CompletionShown): string {
  if (said === undefined) return '';
  const command = `banyan cutover complete --migration ${migration}`;
  if (!said.service.complete)
    return stage === 'complete'
      ? `The flag is at complete, and the way back is still open: it waits for "${command}".\n`
      : '';
  const lines = [`${migration} is complete ${sinceText(said.service)}: the service keeps the data.`];
  if (!said.monolith.complete) lines.push(`The monolith does not know yet: run "${command}" again.`);
  if (stage !== undefined && stage !== 'complete')
    lines.push(
      `The flag is at ${stage}, which counts for nothing where a mover tells the proxies so: set it to complete.`,
    );
  return `${lines.join('\n')}\n`;
}
