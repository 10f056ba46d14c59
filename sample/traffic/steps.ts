import type { ProfileText } from './words.ts';

/** One request of a session, as planned: whatever is random in it has been drawn already. */
export type Step =
  | { readonly do: 'sign-up'; readonly name: string }
  | { readonly do: 'log-in' }
  | { readonly do: 'log-in-mistyped' }
  | { readonly do: 'log-in-suspended' }
  | { readonly do: 'refresh' }
  | { readonly do: 'log-out' }
  /** After a log-out or the closing of the account: the token must not work any more. */
  | { readonly do: 'read-account-signed-out' }
  /** As a gateway or another service does it, with a key of its own. */
  | { readonly do: 'introspect'; readonly active: boolean }
  | { readonly do: 'read-account' }
  | { readonly do: 'rename'; readonly name: string }
  | { readonly do: 'close-account' }
  | { readonly do: 'read-profile' }
  | { readonly do: 'write-profile'; readonly profile: ProfileText }
  | { readonly do: 'read-preferences' }
  | { readonly do: 'write-preference'; readonly key: string; readonly value: string }
  | { readonly do: 'delete-preference'; readonly key: string }
  | { readonly do: 'read-other-account'; readonly id: number }
  | { readonly do: 'list-products' }
  | { readonly do: 'read-product'; readonly id: number }
  | { readonly do: 'place-order'; readonly lines: readonly OrderLine[] }
  | { readonly do: 'read-order' }
  | { readonly do: 'list-orders' }
  | { readonly do: 'pay-order'; readonly token: PaymentToken }
  | { readonly do: 'cancel-order' }
  | { readonly do: 'list-users' }
  | { readonly do: 'read-any-account'; readonly id: number }
  | { readonly do: 'report'; readonly report: Report }
  | { readonly do: 'restock'; readonly id: number; readonly delta: number };

export interface OrderLine {
  readonly productId: number;
  readonly quantity: number;
}

/** What the simulated payment provider is told to do. */
export type PaymentToken = 'tok_ok' | 'tok_declined' | 'tok_duplicate';

export type Report = 'revenue' | 'revenue.csv' | 'top-products' | 'orders-by-customer';
