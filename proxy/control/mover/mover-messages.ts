import type { OwnershipNews } from '#proxy/route/ownership.types.ts';
import type { AcknowledgeAnswer, AcknowledgeQuestion } from '#proxy/route/acknowledge/acknowledge.types.ts';
import type { MoverStatus } from './mover-status.ts';

/** The mover to the parent of `banyan run`, about once a second, and soon after a move. */
export interface MoverReport {
  readonly banyan: 'mover';
  readonly movers: readonly MoverStatus[];
}

/** The mover to the parent, and on to the workers: at least once a second for each migration. */
export interface MoverOwnership {
  readonly banyan: 'mover-ownership';
  readonly news: OwnershipNews;
}

/** The parent to the mover, for a worker that holds answers. */
export interface MoverQuestion {
  readonly banyan: 'acknowledge?';
  readonly question: AcknowledgeQuestion;
}

/** The mover to the parent. */
export interface MoverAnswer {
  readonly banyan: 'acknowledge';
  readonly answer: AcknowledgeAnswer;
}

export function isMoverReport(message: unknown): message is MoverReport {
  return kindOf(message) === 'mover';
}

export function isMoverOwnership(message: unknown): message is MoverOwnership {
  return kindOf(message) === 'mover-ownership';
}

export function isMoverQuestion(message: unknown): message is MoverQuestion {
  return kindOf(message) === 'acknowledge?';
}

export function isMoverAnswer(message: unknown): message is MoverAnswer {
  return kindOf(message) === 'acknowledge';
}

function kindOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'banyan' in message ? message.banyan : undefined;
}
