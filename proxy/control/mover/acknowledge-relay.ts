import type { AcknowledgeAnswer, AcknowledgeQuestion } from '#proxy/route/acknowledge/acknowledge.types.ts';

/** Carries questions from the workers to the mover, and its answers back to whoever asked. */
export interface AcknowledgeRelay {
  ask(question: AcknowledgeQuestion, reply: (answer: AcknowledgeAnswer) => void): void;
  /** The mover answered. */
  answered(answer: AcknowledgeAnswer): void;
  /** It died, or ends: who still waits is told so. */
  moverGone(): void;
}

/** A mover that hangs must not fill the parent's memory. */
const mostOpen = 50_000;

/** @param toMover false where there is none now */
export function acknowledgeRelay(toMover: (question: AcknowledgeQuestion) => boolean): AcknowledgeRelay {
  /** By the number under which it went to the mover: workers count each for itself. */
  const open = new Map<number, (answer: Omit<AcknowledgeAnswer, 'id'>) => void>();
  let last = 0;
  return {
    ask(question, reply) {
      if (open.size >= mostOpen) {
        reply({ id: question.id, degraded: 'crowded' });
        return;
      }
      last += 1;
      const id = last;
      open.set(id, ({ degraded }) => reply({ id: question.id, degraded }));
      if (toMover({ ...question, id })) return;
      open.delete(id);
      reply({ id: question.id, degraded: 'no-mover' });
    },
    answered({ id, degraded }) {
      const reply = open.get(id);
      open.delete(id);
      reply?.({ degraded });
    },
    moverGone() {
      const replies = [...open.values()];
      open.clear();
      for (const reply of replies) reply({ degraded: 'no-mover' });
    },
  };
}
