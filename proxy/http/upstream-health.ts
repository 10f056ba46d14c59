/** One address of an upstream and how it has done lately. */
export interface Address {
  /** `host:port`, for logs. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
  /** Exchanges on it now, and connections to it that do not stand yet. */
  busy: number;
  /** Failures in a row: refused, timed out, closed or malformed, never a status. */
  failures: number;
  /** Milliseconds on the plane's clock until it is tried again; 0 while it is in. */
  outUntil: number;
}

export interface Breaker {
  readonly failures: number;
  readonly outMs: number;
  readonly onChange: ((change: { readonly address: string; readonly in: boolean }) => void) | undefined;
}

/** @throws TypeError for anything but `http://host:port` or `https://host:port` */
export function parseAddress(url: string): Address {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (
    parsed === undefined ||
    !/^https?:$/.test(parsed.protocol) ||
    parsed.pathname !== '/' ||
    parsed.search !== ''
  ) {
    throw new TypeError(
      `"${url}" is no upstream address: write http://host:port or https://host:port, no path`,
    );
  }
  const secure = parsed.protocol === 'https:';
  const port = parsed.port === '' ? (secure ? 443 : 80) : Number(parsed.port);
  const host = parsed.hostname.replace(/^\[|\]$/g, '');
  return { name: `${parsed.hostname}:${port}`, host, port, secure, busy: 0, failures: 0, outUntil: 0 };
}

/**
 * The least busy address that is in, or one that may be tried again: one exchange tries it, the others keep away for
 * another `outMs`. `undefined` when all are out: then the answer is given at once, without another time-out.
 * @param turn counts up, so that equally busy addresses are taken in rotation
 */
export function chooseAddress(
  addresses: readonly Address[],
  options: { readonly breaker: Breaker; readonly now: number; readonly turn: number },
): Address | undefined {
  const { breaker, now, turn } = options;
  let chosen: Address | undefined;
  for (let i = 0; i < addresses.length; i += 1) {
    const address = addresses[(turn + i) % addresses.length] as Address;
    if (address.outUntil !== 0) {
      if (address.outUntil > now) continue;
      address.outUntil = now + breaker.outMs;
      return address;
    }
    if (chosen === undefined || address.busy < chosen.busy) chosen = address;
  }
  return chosen;
}

export function succeeded(address: Address, breaker: Breaker): void {
  if (address.failures === 0) return;
  address.failures = 0;
  if (address.outUntil === 0) return;
  address.outUntil = 0;
  breaker.onChange?.({ address: address.name, in: true });
}

export function failed(address: Address, breaker: Breaker, now: number): void {
  address.failures += 1;
  if (address.failures < breaker.failures) return;
  const wasIn = address.outUntil === 0;
  address.outUntil = now + breaker.outMs;
  if (wasIn) breaker.onChange?.({ address: address.name, in: false });
}
