import type { Deadlines, Timed } from './deadlines.ts';
import type { FailureCode, UpstreamOptions, UpstreamState } from './seam.ts';
import { UpstreamConnection, type ConnectionOwner } from './upstream-connection.ts';
import {
  chooseAddress,
  failed,
  parseAddress,
  succeeded,
  type Address,
  type Breaker,
} from './upstream-health.ts';
import { connectWire, type Wire } from './wire.ts';

/** An exchange that waits for a connection. */
export interface Waiter {
  /** On the plane's clock; set by the pool. */
  waitUntil: number;
  onConnection(connection: UpstreamConnection): void;
  onNoConnection(code: FailureCode): void;
}

/** A connection that does not stand yet. */
interface Attempt extends Timed {
  readonly wire: Wire;
  readonly address: Address;
}

const defaultBreaker = { failures: 10, outMs: 1_000 };
const defaultIdleMs = 4_000;

/** The connections to one upstream: kept alive, last used first, bounded, with a bounded queue for what must wait. */
export class UpstreamPool implements ConnectionOwner, Timed {
  readonly name: string;
  readonly deadlines: Deadlines;
  readonly headerTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  deadline = Infinity;
  swept: number | undefined;
  readonly #options: UpstreamOptions;
  readonly #addresses: readonly Address[];
  readonly #breaker: Breaker;
  readonly #idleMs: number;
  readonly #waitMs: number;
  readonly #idle = new Map<Address, UpstreamConnection[]>();
  readonly #open = new Set<UpstreamConnection>();
  readonly #attempts = new Set<Attempt>();
  /** First in, first out; a set, so that one who leaves costs nothing. */
  readonly #waiting = new Set<Waiter>();
  #turn = -1;
  #closed = false;

  constructor(name: string, options: UpstreamOptions, deadlines: Deadlines) {
    this.name = name;
    this.deadlines = deadlines;
    this.#options = options;
    this.headerTimeoutMs = options.headerTimeoutMs;
    this.bodyTimeoutMs = options.bodyTimeoutMs;
    this.#idleMs = options.idleTimeoutMs ?? defaultIdleMs;
    this.#addresses = [options.url, ...(options.moreUrls ?? [])].map(parseAddress);
    // Longer than connecting to each address can take: a waiter should hear of that failure, not of the wait.
    this.#waitMs = options.waitTimeoutMs ?? options.connectTimeoutMs * this.#addresses.length + 500;
    this.#breaker = { ...(options.breaker ?? defaultBreaker), onChange: options.onHealth };
    for (const address of this.#addresses) this.#idle.set(address, []);
  }

  /**
   * A connection, if one is free; else `undefined`, and the waiter is told later, or at once when none will come.
   * @param fresh never one that was used before, whose end may be on its way to us
   */
  acquire(waiter: Waiter, fresh: boolean): UpstreamConnection | undefined {
    const { now } = this.deadlines;
    const address = this.#choose(this.#addresses);
    if (address === undefined) {
      waiter.onNoConnection('upstream-unreachable');
      return undefined;
    }
    if (!fresh) {
      const connection = this.#takeIdle(address);
      if (connection !== undefined) return connection;
    }
    if (this.#open.size + this.#attempts.size < this.#options.maxConnections) this.#connect(address);
    else if (!fresh && this.#addresses.length > 1) {
      const elsewhere = this.#takeIdleElsewhere();
      if (elsewhere !== undefined) return elsewhere;
    }
    if (this.#waiting.size - this.#attempts.size >= this.#options.maxWaiting) {
      waiter.onNoConnection('upstream-overloaded');
      return undefined;
    }
    waiter.waitUntil = now + this.#waitMs;
    if (this.#waiting.size === 0) {
      this.deadlines.add(this);
      this.deadline = waiter.waitUntil;
    }
    this.#waiting.add(waiter);
    return undefined;
  }

  /** The waiter's client left. */
  leave(waiter: Waiter): void {
    if (this.#waiting.delete(waiter) && this.#waiting.size === 0) this.deadlines.remove(this);
  }

  free(connection: UpstreamConnection): void {
    const waiter = this.#nextWaiter();
    if (waiter !== undefined) {
      waiter.onConnection(connection);
      return;
    }
    if (this.#closed) {
      connection.destroy();
      return;
    }
    const until = Math.min(connection.idleUntil, this.deadlines.now + this.#idleMs);
    connection.deadline = until;
    if (until <= this.deadlines.now) connection.destroy();
    else this.#idle.get(connection.address)?.push(connection);
  }

  gone(connection: UpstreamConnection): void {
    if (!this.#open.delete(connection)) return;
    const idle = this.#idle.get(connection.address) ?? [];
    const at = idle.lastIndexOf(connection);
    if (at !== -1) idle.splice(at, 1);
    this.#connectForWaiting();
  }

  outcome(connection: UpstreamConnection, ok: boolean): void {
    if (ok) succeeded(connection.address, this.#breaker);
    else failed(connection.address, this.#breaker, this.deadlines.now);
  }

  /** The first waiter has waited long enough; they came in order, so the rest follows in time. */
  expire(): void {
    for (const waiter of this.#waiting) {
      if (waiter.waitUntil > this.deadlines.now) {
        this.deadline = waiter.waitUntil;
        return;
      }
      this.leave(waiter);
      waiter.onNoConnection('upstream-overloaded');
    }
  }

  /** Closes everything at once. */
  destroy(): void {
    this.#closed = true;
    for (const attempt of this.#attempts) this.#endAttempt(attempt);
    for (const connection of this.#open) connection.destroy();
  }

  /** Whether every address is taken out now. */
  get out(): boolean {
    return this.#addresses.every(({ outUntil }) => outUntil !== 0);
  }

  /** Whether every address is taken out and none may be tried again yet, so that a request would be refused at once. */
  get refuses(): boolean {
    if (!this.out) return false;
    // Not the plane's clock: it stands still while nothing has a limit.
    const now = performance.now();
    return this.#addresses.every(({ outUntil }) => outUntil > now);
  }

  /** Connections that do not stand yet. */
  get opening(): number {
    return this.#attempts.size;
  }

  get idle(): number {
    let idle = 0;
    for (const connections of this.#idle.values()) idle += connections.length;
    return idle;
  }

  state(): UpstreamState {
    const { idle } = this;
    const addresses = this.#addresses.map(({ name, outUntil, failures }) => {
      return { address: name, in: outUntil === 0, failures };
    });
    return { upstream: this.name, open: this.#open.size, idle, waiting: this.#waiting.size, addresses };
  }

  #choose(addresses: readonly Address[]): Address | undefined {
    this.#turn += 1;
    return chooseAddress(addresses, { breaker: this.#breaker, now: this.deadlines.now, turn: this.#turn });
  }

  #takeIdle(address: Address): UpstreamConnection | undefined {
    const idle = this.#idle.get(address) as UpstreamConnection[];
    for (let connection = idle.pop(); connection !== undefined; connection = idle.pop()) {
      connection.deadline = Infinity;
      if (connection.usable) return connection;
      connection.destroy();
    }
    return undefined;
  }

  #takeIdleElsewhere(): UpstreamConnection | undefined {
    for (const address of this.#addresses) {
      const connection = address.outUntil === 0 ? this.#takeIdle(address) : undefined;
      if (connection !== undefined) return connection;
    }
    return undefined;
  }

  #nextWaiter(): Waiter | undefined {
    for (const waiter of this.#waiting) {
      this.leave(waiter);
      return waiter;
    }
    return undefined;
  }

  #connect(address: Address, tried: readonly Address[] = []): void {
    const { tls, connectTimeoutMs } = this.#options;
    const wire = connectWire(address, tls);
    const { socket } = wire;
    socket.setNoDelay(true);
    const fail = (code: FailureCode): void => {
      this.#endAttempt(attempt);
      this.#onConnectFailure([...tried, address], code);
    };
    const attempt: Attempt = {
      wire,
      address,
      deadline: this.deadlines.now + connectTimeoutMs,
      swept: undefined,
      expire: () => fail('upstream-connect-timeout'),
    };
    const onError = (): void => fail('upstream-unreachable');
    this.deadlines.add(attempt);
    this.#attempts.add(attempt);
    address.busy += 1;
    socket.once('error', onError);
    socket.once('close', onError);
    socket.once(address.secure ? 'secureConnect' : 'connect', () => {
      this.#forget(attempt);
      socket.removeListener('error', onError);
      socket.removeListener('close', onError);
      const connection = new UpstreamConnection(wire, address, this);
      this.#open.add(connection);
      this.free(connection);
    });
  }

  #forget(attempt: Attempt): void {
    this.deadlines.remove(attempt);
    this.#attempts.delete(attempt);
    attempt.address.busy -= 1;
  }

  #endAttempt(attempt: Attempt): void {
    this.#forget(attempt);
    const { socket } = attempt.wire;
    socket.removeAllListeners();
    socket.on('error', () => {});
    socket.destroy();
  }

  /** Each other address is tried once in its place, since nothing of a request has left; then one who waits is told. */
  #onConnectFailure(tried: readonly Address[], code: FailureCode): void {
    failed(tried.at(-1) as Address, this.#breaker, this.deadlines.now);
    if (this.#waiting.size <= this.#attempts.size) return;
    const next = this.#choose(this.#addresses.filter((address) => !tried.includes(address)));
    if (next !== undefined) {
      this.#connect(next, tried);
      return;
    }
    this.#nextWaiter()?.onNoConnection(code);
    this.#connectForWaiting();
  }

  /** Room came free while others wait: a connection for each of them, as far as the bound allows. */
  #connectForWaiting(): void {
    while (
      this.#waiting.size > this.#attempts.size &&
      this.#open.size + this.#attempts.size < this.#options.maxConnections
    ) {
      const address = this.#choose(this.#addresses);
      if (address === undefined) {
        this.#nextWaiter()?.onNoConnection('upstream-unreachable');
      } else {
        this.#connect(address);
      }
    }
  }
}
