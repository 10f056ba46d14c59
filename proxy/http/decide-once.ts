import type { Decide, Decision, Refusal, RequestHead } from './seam.ts';

export interface Decided {
  onDecision(decided: Decision | Refusal): void;
  /** Routing threw, or its promise failed. */
  onNoDecision(): void;
}

/** Asks routing where a request goes. Most answers come at once, and cost no promise. */
export function decideOnce(decide: Decide, head: RequestHead, to: Decided): void {
  let decided;
  try {
    decided = decide(head);
  } catch {
    to.onNoDecision();
    return;
  }
  if ('then' in decided) {
    decided.then(
      (decision) => to.onDecision(decision),
      () => to.onNoDecision(),
    );
  } else {
    to.onDecision(decided);
  }
}
