import type { AcknowledgeAnswer, AcknowledgeQuestion, DegradedReason } from './acknowledge.types.ts';

export type OnAnswer = (degraded: DegradedReason | undefined) => void;

/** Asks how far the copy is. Writes that were answered in one turn of the event loop share a question. */
export interface Questions {
  /** @returns how to be told nothing any more */
  ask(about: Omit<AcknowledgeQuestion, 'id'>, onAnswer: OnAnswer): () => void;
  answered(answer: AcknowledgeAnswer): void;
  /** Questions without an answer. */
  readonly open: number;
}

/** Beyond these an answer has got lost, or nobody answers: `crowded` at once. */
const mostOpen = 10_000;

/** @param send false where there is nobody to ask */
export function createQuestions(send: (question: AcknowledgeQuestion) => boolean): Questions {
  const open = new Map<number, Set<OnAnswer>>();
  /** The one that is about to leave, by migration and side. */
  const gathering = new Map<string, { readonly id: number; readonly listeners: Set<OnAnswer> }>();
  let last = 0;

  const tell = (listeners: ReadonlySet<OnAnswer>, degraded: DegradedReason | undefined): void => {
    for (const listener of listeners) listener(degraded);
  };
  const leave = (place: string, question: AcknowledgeQuestion, listeners: Set<OnAnswer>): void => {
    gathering.delete(place);
    if (listeners.size === 0) return;
    if (open.size >= mostOpen) {
      tell(listeners, 'crowded');
      return;
    }
    open.set(question.id, listeners);
    if (send(question)) return;
    open.delete(question.id);
    tell(listeners, 'no-mover');
  };

  return {
    ask(about, onAnswer) {
      const place = `${about.migration} ${about.on}`;
      let joined = gathering.get(place);
      if (joined === undefined) {
        last += 1;
        joined = { id: last, listeners: new Set() };
        gathering.set(place, joined);
        const { id, listeners } = joined;
        setImmediate(() => leave(place, { id, ...about }, listeners));
      }
      const { id, listeners } = joined;
      listeners.add(onAnswer);
      return () => {
        listeners.delete(onAnswer);
        if (listeners.size === 0) open.delete(id);
      };
    },
    answered({ id, degraded }) {
      const listeners = open.get(id);
      open.delete(id);
      if (listeners !== undefined) tell(listeners, degraded);
    },
    get open() {
      return open.size;
    },
  };
}
