/** What the reports show of a user. */
export interface Customer {
  readonly name: string;
  readonly email: string;
}

/** The way in which the reports learn who bought: the one thing beside a caller's token that they need of the users. */
export interface Customers {
  /**
   * Names and e-mail addresses of the users with these ids. Everyone asked for is there: who closed the account, or is
   * not known any more, as `closedCustomer`.
   * @param ids of one page, at most 100
   * @param token the access token of the admin who asks
   * @throws Problem 503 `customers-unavailable` where they cannot be had now; an error of the database
   */
  named(ids: readonly number[], token: string): Promise<ReadonlyMap<number, Customer>>;
  /** Waits for what runs, then closes connections of its own. */
  close(): Promise<void>;
}
