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

export function isStatusQuestion(message: unknown): message is StatusQuestion {
  return kindOf(message) === 'status?';
}

export function isStatusAnswer(message: unknown): message is StatusAnswer {
  return kindOf(message) === 'status';
}

function kindOf(message: unknown): unknown {
  return typeof message === 'object' && message !== null && 'banyan' in message ? message.banyan : undefined;
}
