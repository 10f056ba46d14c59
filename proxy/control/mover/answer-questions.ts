import type { AcknowledgeAnswer } from '#proxy/route/acknowledge/acknowledge.types.ts';
import type { Acknowledger } from './acknowledger.ts';
import { isMoverQuestion } from './mover-messages.ts';

/** Answers what the parent asks for its workers, until it is stopped. */
export function answerQuestions(
  byMigration: ReadonlyMap<string, Acknowledger>,
  reply: (answer: AcknowledgeAnswer) => void,
): { stop(): Promise<void> } {
  const onMessage = (message: unknown): void => {
    if (!isMoverQuestion(message)) return;
    const { id, migration, on, withinMs } = message.question;
    const acknowledger = byMigration.get(migration);
    if (acknowledger === undefined) reply({ id, degraded: 'no-copy' });
    else void acknowledger.ask({ on, withinMs }).then((degraded) => reply({ id, degraded }));
  };
  process.on('message', onMessage);
  return {
    async stop() {
      process.off('message', onMessage);
      await Promise.all([...byMigration.values()].map((acknowledger) => acknowledger.stop()));
    },
  };
}
