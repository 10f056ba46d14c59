import type { CertificateFiles } from '#shared/http/certificate.ts';
import type { HoldAnswer } from './answer-hold.types.ts';
import type { HandoverOf, HoldLimits } from './handover.types.ts';

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
  | 'no-owner'
  | 'too-many-connections'
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
  /**
   * Header lines for the upstream. They replace what the client sent under the same names. A name or value that is no
   * valid header (CR, LF, NUL …) fails the exchange with `decision-failed`.
   */
  readonly requestHeaders?: HeaderLines;
  /** Header lines for the client's answer, beside the upstream's own; the same rules. */
  readonly responseHeaders?: HeaderLines;
  /** Lets a WebSocket handshake through and makes a tunnel of the connection. Default: the request goes as a plain GET. */
  readonly websocket?: boolean;
  /** Hears the exchange, and changes nothing about it. */
  readonly tap?: Tap;
  /**
   * Another upstream may be the one that may take the request: its body is kept, and a 421 that says so sends it there.
   * Without it a 421 is an answer like any other.
   */
  readonly handover?: HandoverOf | undefined;
  /** Nobody may take the request now: it is held before any upstream is asked. Needs `handover`. */
  readonly hold?: boolean;
  /**
   * Called once a request that left has come to its end, before the answer goes to the client; what it returns is added to
   * the answer's headers. What it throws is dropped.
   */
  readonly onOutcome?: (outcome: Outcome) => HeaderLines | undefined;
  /** Asked after `onOutcome`, where an upstream answered: its answer may have to wait. */
  readonly holdAnswer?: HoldAnswer | undefined;
}

export interface Outcome {
  /** Upstream that answered. */
  readonly upstream: string;
  /** Of the upstream's answer; 0 where it gave none, so that nobody knows what it did. */
  readonly status: number;
}

/**
 * Hears one exchange as it happens. Buffers are lent: copy what must last. It must be quick, as the client's answer is on
 * its way meanwhile. What it throws is dropped, and it hears no more of that exchange then.
 */
export interface Tap {
  /** The request leaves for its upstream, with what has come of its body. Once, however often it is sent again. */
  onRequest(request: TappedRequest, body: Buffer | undefined): void;
  /** More of the request's body. */
  onRequestBody(body: Buffer): void;
  /** The upstream's answer begins, with what has come of its body. */
  onAnswer(answer: TappedAnswer, body: Buffer | undefined): void;
  /** More of the answer's body. */
  onAnswerBody(body: Buffer): void;
  /** The last call, and the only one where the request never left. */
  onEnd(end: TappedEnd): void;
}

export interface TappedRequest {
  readonly method: string;
  readonly target: string;
  /** Header lines as they go upstream, each with its CR LF; framing and connection headers are not among them. */
  readonly lines: string;
  /** Whether the request has a body, be it an empty one with its length announced. */
  readonly hasBody: boolean;
  /** Announced body bytes; -1 where nothing is announced. */
  readonly contentLength: number;
}

export interface TappedAnswer {
  readonly status: number;
  /** Header lines as they come from the upstream, each with its CR LF; framing, hop-by-hop and our own are not among them. */
  readonly lines: string;
  /** Announced body bytes; -1 where nothing is announced. */
  readonly contentLength: number;
}

export interface TappedEnd {
  /** `answered`: the client got the upstream's answer whole. `failed`: it got ours, or was cut off. */
  readonly outcome: 'answered' | 'failed' | 'client-left' | 'tunnel';
  /** Milliseconds from the sent request to the end; 0 where it never left. */
  readonly durationMs: number;
}

export type HeaderLines = readonly (readonly [name: string, value: string])[];

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
  /** Upstream that was asked last, where it is not the decision's. */
  readonly redirectedTo?: string | undefined;
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
  /** Further addresses of the same upstream, in the form of `url`. Requests go to the least busy one that is in. */
  readonly moreUrls?: readonly string[];
  /** Milliseconds that a request waits for a connection; then 503 with `Retry-After`. Default: as long as connecting may take. */
  readonly waitTimeoutMs?: number;
  /**
   * Milliseconds that an unused connection is kept. Must be less than the upstream's own keep-alive time, or requests
   * meet connections that are just being closed. Default 4,000 (Node's servers close after 5,000); a shorter time in
   * the upstream's `Keep-Alive` header wins.
   */
  readonly idleTimeoutMs?: number;
  /** Takes an address out after so many failures in a row, and tries it again after `outMs`. Default 10 and 1,000. */
  readonly breaker?: { readonly failures: number; readonly outMs: number };
  /** For `https://`: PEM texts. The upstream's certificate is always verified. */
  readonly tls?: {
    readonly ca?: string | Buffer;
    readonly cert?: string | Buffer;
    readonly key?: string | Buffer;
    readonly servername?: string;
  };
  /** Told when an address is taken out (`in` false) or comes back. */
  readonly onHealth?: (change: { readonly address: string; readonly in: boolean }) => void;
}

/** Where the certificate of a TLS listener lies. */
export type ListenerTls = CertificateFiles;

/** One upstream at this moment. */
export interface UpstreamState {
  readonly upstream: string;
  readonly open: number;
  readonly idle: number;
  readonly waiting: number;
  readonly addresses: readonly {
    readonly address: string;
    readonly in: boolean;
    readonly failures: number;
  }[];
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
  /** Client connections in all; one more is answered 503 and closed. */
  readonly maxConnections: number;
  /** Header fields of one request; more is 431. Default 100. */
  readonly maxHeaderFields?: number;
  /** Connections from one IP address; one more is answered 503 and closed. Default: `maxConnections`. */
  readonly maxConnectionsPerClient?: number;
  /** Milliseconds in which a client must take what is ready (some 128 KiB at most); then it is cut. Default 30,000. */
  readonly sendTimeoutMs?: number;
  /** Milliseconds that a tunnel may be silent both ways. Default 3,600,000. */
  readonly tunnelIdleTimeoutMs?: number;
}

export interface DataPlaneOptions {
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly upstreams: Readonly<Record<string, UpstreamOptions>>;
  /** CIDR ranges whose forwarding headers are believed; all others' are overwritten. */
  readonly trustedProxies: readonly string[];
  readonly limits: Limits;
  /** Header names that only we may send upstream, e.g. an identity header: a client's own, and aliases, never pass. */
  readonly managedHeaders?: readonly string[];
  /** Makes the listener speak TLS. */
  readonly tls?: ListenerTls;
  /** Adds `Server-Timing: proxy;dur=…` (milliseconds to the upstream's response head) to each answer. Default false. */
  readonly serverTiming?: boolean;
  /**
   * Retries in all stay under this share of the requests (0-1), beyond ten at once. Default 0.1. Only safe methods on a
   * kept-alive connection that the upstream had closed are repeated at all.
   */
  readonly retryShare?: number;
  /**
   * Bounds on requests that wait for an owner, and by themselves (number and bytes) on answers that are held back. Default
   * 10 s, 64 MiB, 10,000 requests.
   */
  readonly hold?: HoldLimits;
  readonly decide: Decide;
  readonly onExchange: (report: ExchangeReport) => void;
}

export interface DataPlane {
  readonly host: string;
  readonly port: number;
  /** Requests that run now. */
  running(): number;
  /** Client connections that are open now. */
  connections(): number;
  /** Requests that wait for an owner now, and bytes of bodies that are kept for that. */
  held(): { readonly requests: number; readonly bytes: number };
  /** What each upstream holds now, for metrics and the admin API. */
  upstreams(): readonly UpstreamState[];
  /**
   * Takes no new connection, answers what comes on open ones with `Connection: close`, lets running exchanges finish and
   * cuts what is left after `withinMs`. Resolves to the number of exchanges that were cut.
   */
  drain(withinMs: number): Promise<number>;
}
