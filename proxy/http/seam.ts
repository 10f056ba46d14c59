/**
 * The seam between the sockets and the rest of the proxy. `proxy/http` knows messages, connections and limits; it asks
 * `decide` where one request goes and tells `onExchange` how it ended. It knows nothing of flags or data.
 */

/** What can go wrong in one exchange, by side and phase; the table in `failures.ts` gives each its HTTP status. */
export type FailureCode =
  | 'client-aborted'
  | 'client-malformed'
  | 'client-header-too-large'
  | 'client-body-too-large'
  | 'client-timeout'
  | 'expectation-failed'
  | 'method-refused'
  | 'no-route'
  | 'decision-failed'
  | 'upstream-unreachable'
  | 'upstream-connect-timeout'
  | 'upstream-header-timeout'
  | 'upstream-body-timeout'
  | 'upstream-closed'
  | 'upstream-malformed'
  | 'upstream-overloaded'
  | 'draining';

/** The head of one request, framed and checked, as routing sees it. */
export interface RequestHead {
  /** Upper case, as received: `GET`, `PATCH` … */
  readonly method: string;
  /** Origin form, exactly as it will be forwarded: path and query. */
  readonly target: string;
  /** `target` without the query. */
  readonly path: string;
  /** Value of a header (name in lower case); of repeated ones the first; `undefined` where there is none. */
  header(name: string): string | undefined;
  /** IP address of the peer of the connection. */
  readonly peer: string;
  /** Whether the peer is in a trusted range (`trustedProxies`). */
  readonly trusted: boolean;
  /** The id of this request in logs and in the `x-request-id` that goes upstream. */
  readonly id: string;
}

/** Where one request goes. Made once for a request and never changed while it runs. */
export interface Decision {
  /** Name of the upstream, a key of `DataPlaneOptions.upstreams`. */
  readonly upstream: string;
  /** Name of the route, for metrics and logs; a closed set, never taken from the request. */
  readonly route: string;
  /** Why, for logs and the admin API; a closed set, e.g. `share`, `no-key`, `kill-switch`. */
  readonly reason: string;
}

/** A request that goes nowhere, with its answer. */
export interface Refusal {
  readonly refuse: FailureCode;
  /** One sentence for the client; never contains what the request said. */
  readonly detail: string;
}

export type Decide = (head: RequestHead) => Decision | Refusal | Promise<Decision | Refusal>;

/** How one exchange ended. */
export interface ExchangeReport {
  readonly head: RequestHead;
  readonly decision: Decision | undefined;
  /** Status that the client got; 499 when it left before. */
  readonly status: number;
  readonly failure: FailureCode | undefined;
  /** Milliseconds from the complete head to the end of the answer. */
  readonly durationMs: number;
  /** Body bytes each way, as on the wire after de-chunking. */
  readonly requestBytes: number;
  readonly responseBytes: number;
}

export interface UpstreamOptions {
  /** `http://host:port`; no path. */
  readonly url: string;
  /** Milliseconds until the connection must stand. */
  readonly connectTimeoutMs: number;
  /** Milliseconds from the sent request to the complete response head. */
  readonly headerTimeoutMs: number;
  /** Milliseconds without a body byte. */
  readonly bodyTimeoutMs: number;
  readonly maxConnections: number;
  /** Requests that may wait for a connection; one more is answered 503. */
  readonly maxWaiting: number;
}

export interface Limits {
  /** Bytes of request line and headers together; more is 431. */
  readonly maxHeaderBytes: number;
  /** Bytes of a request body; more is 413. */
  readonly maxBodyBytes: number;
  /** Milliseconds for the complete head of a request; later is 408. */
  readonly headerTimeoutMs: number;
  /** Milliseconds for the complete request, body included; later is 408. */
  readonly requestTimeoutMs: number;
  /** Milliseconds that a kept-alive connection may idle between requests. */
  readonly idleTimeoutMs: number;
  readonly maxConnections: number;
}

export interface DataPlaneOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly upstreams: Readonly<Record<string, UpstreamOptions>>;
  /** CIDR ranges whose forwarding headers are believed; all others' are overwritten. */
  readonly trustedProxies: readonly string[];
  readonly limits: Limits;
  readonly decide: Decide;
  readonly onExchange: (report: ExchangeReport) => void;
}

export interface DataPlane {
  readonly host: string;
  readonly port: number;
  /** Requests that run now. */
  running(): number;
  /**
   * Takes no new connection, answers what comes on open ones with `Connection: close`, lets running exchanges finish and
   * cuts what is left after `withinMs`. Resolves to the number of exchanges that were cut.
   */
  drain(withinMs: number): Promise<number>;
}
