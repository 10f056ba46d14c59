import { accountActions } from './account-actions.ts';
import { adminActions } from './admin-actions.ts';
import type { Request, Response } from './client.ts';
import { shopActions } from './shop-actions.ts';
import type { Shopper } from './shopper.ts';
import type { Step } from './steps.ts';
import type { Verdict } from './verdict.ts';

/** How a planned step becomes a request, and what a user makes of the answer (and remembers of it). */
export interface Action<S extends Step> {
  readonly request: (shopper: Shopper, step: S) => Request;
  readonly judge: (response: Response, shopper: Shopper, step: S) => Verdict;
}

export type ActionTable = { readonly [K in Step['do']]: Action<Extract<Step, { do: K }>> };

const actions: ActionTable = { ...accountActions, ...shopActions, ...adminActions };

export function actionOf(step: Step): Action<Step> {
  // The table gives each kind of step the action for just that kind.
  return actions[step.do] as Action<Step>;
}
