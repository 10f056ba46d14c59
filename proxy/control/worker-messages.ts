import type { OwnershipNews } from '#proxy/route/ownership.types.ts';
import type { AcknowledgeAnswer, AcknowledgeQuestion } from '#proxy/route/acknowledge/acknowledge.types.ts';
import type { SeenWrite } from '#proxy/shadow/copy/recent-writes.ts';
import type { ShadowDelta } from '#proxy/shadow/delta.types.ts';
import type { ProcessStatus } from './status.ts';

// What the parent of `banyan run` and its workers say to each other over the IPC channel.

/** Parent to worker: how are you? */
export interface StatusQuestion {
  readonly banyan: 'status?';
}

/** Worker to parent: when it is ready, when it is asked, and before it ends. */
export interface StatusAnswer {
  readonly banyan: 'status';
  readonly status: ProcessStatus;
  readonly listen: { readonly host: string; readonly port: number };
}

/** Worker to parent: what comparing saw since the last one. */
export interface ShadowDeltaMessage {
  readonly banyan: 'shadow-delta';
  readonly delta: ShadowDelta;
}

/** Worker to parent, and on to the other workers: which keys were written. */
export interface ShadowWritesMessage {
  readonly banyan: 'shadow-writes';
  readonly writes: readonly SeenWrite[];
}

/** Worker to parent, and on to the other workers; or parent to workers, where it comes from control. */
export interface OwnershipMessage {
  readonly banyan: 'ownership';
  readonly news: OwnershipNews;
}

/** Worker to parent, and on to the mover: have both sides what was written? */
export interface AcknowledgeQuestionMessage {
  readonly banyan: 'acknowledge?';
  readonly question: AcknowledgeQuestion;
}

/** The parent's answer to the worker that asked. */
export interface AcknowledgeAnswerMessage {
  readonly banyan: 'acknowledge';
  readonly answer: AcknowledgeAnswer;
}

export function isStatusQuestion(message: unknown): message is StatusQuestion {
  return kindOf(message) === 'status?';
}

export function isStatusAnswer(message: unknown): message is StatusAnswer {
  return kindOf(message) === 'status';
}

export function isShadowDelta(message: unknown): message is ShadowDeltaMessage {
  return kindOf(message) === 'shadow-delta';
}

export function isShadowWrites(message: unknown): message is ShadowWritesMessage {
  return kindOf(message) === 'shadow-writes';
}

export function isOwnership(message: unknown): message is OwnershipMessage {
  return kindOf(message) === 'ownership';
}

export function isAcknowledgeQuestion(message: unknown): message is AcknowledgeQuestionMessage {
  return kindOf(message) === 'acknowledge?';
}

export function isAcknowledgeAnswer(message: unknown): message is AcknowledgeAnswerMessage {
  return kindOf(message) === 'acknowledge';
}

function kindOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'banyan' in message ? message.banyan : undefined;
}
