/** What a payment provider knows about one reference. */
export interface Charge {
  readonly reference: string;
  /**
   * `authorised`: the money is held; `captured`: taken; `declined`: refused for good; `released`: given back before a
   * capture, or blocked before it ever came. Nothing follows `declined` and `released`.
   */
  readonly state: 'authorised' | 'captured' | 'declined' | 'released';
  /** The amount it was authorised for, in minor units; 0 where nothing ever was. */
  readonly amountCents: number;
  /** The provider's word for why it declined. */
  readonly declineCode?: string;
}

export interface AuthoriseRequest {
  readonly reference: string;
  readonly amountCents: number;
  /** ISO 4217 */
  readonly currency: string;
  /** Names the customer's card at the provider. */
  readonly methodToken: string;
}

export interface RefundRequest {
  readonly reference: string;
  readonly chargeReference: string;
  readonly amountCents: number;
}

/**
 * The seam to whoever moves the money. Every call may be repeated: the provider keeps one charge for each reference and
 * one refund for each refund reference. A call that rejects, or that has not answered in time, has an unknown outcome.
 */
export interface PaymentProvider {
  /** A second call with the same reference changes nothing and answers the first charge with `duplicate: true`. */
  authorise(
    request: AuthoriseRequest,
    signal: AbortSignal,
  ): Promise<Charge & { readonly duplicate: boolean }>;
  /** `undefined`: never heard of, though it may still be on its way. */
  find(reference: string, signal: AbortSignal): Promise<Charge | undefined>;
  /** Takes the whole authorised amount; answers the charge as it then is, also when there was nothing to take. */
  capture(reference: string, signal: AbortSignal): Promise<Charge>;
  /**
   * Gives an authorisation back, or blocks a reference that never came, so that it cannot be charged later. Answers the
   * charge as it then is: a captured one stays captured.
   */
  release(reference: string, signal: AbortSignal): Promise<Charge>;
  /** Resolves when the money is on its way back. */
  refund(request: RefundRequest, signal: AbortSignal): Promise<void>;
}
