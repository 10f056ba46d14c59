import { BlockList, isIP } from 'node:net';

/** What is known of a client's connection, once for all its requests. */
export interface Peer {
  /** IP address; an IPv4 address in IPv6 clothes is written as IPv4. */
  readonly address: string;
  readonly trusted: boolean;
  readonly secure: boolean;
}

/** Forwarding headers that a trusted peer sent; empty for all others. */
export interface Forwarded {
  chain: string;
  host: string;
  proto: string;
  forwarded: string;
}

/**
 * @param ranges CIDR ranges or single addresses, IPv4 or IPv6
 * @throws RangeError that names the first range that is none
 */
export function createTrust(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', prefix] = range.split('/');
    const version = isIP(address);
    const bits = Number(prefix ?? (version === 4 ? 32 : 128));
    if (version === 0 || !Number.isInteger(bits) || bits < 0 || bits > (version === 4 ? 32 : 128)) {
      throw new RangeError(`"${range}" is no CIDR range: write an address, a slash and a prefix length`);
    }
    list.addSubnet(address, bits, version === 4 ? 'ipv4' : 'ipv6');
  }
  return (address) => {
    const version = isIP(address);
    return version !== 0 && list.check(address, version === 4 ? 'ipv4' : 'ipv6');
  };
}

export function plainAddress(address: string | undefined): string {
  if (address === undefined) return 'unknown';
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/**
 * The forwarding headers of one request, in full: a client that is not trusted has no say in them (row 8 of the
 * acceptance list; Fastify CVE-2026-3635).
 */
export function forwardingLines(peer: Peer, host: string, given: Forwarded): string {
  const { address, secure } = peer;
  const chain = given.chain === '' ? address : `${given.chain}, ${address}`;
  let lines = `x-forwarded-for: ${chain}\r\nx-forwarded-host: ${given.host === '' ? host : given.host}\r\n`;
  lines += `x-forwarded-proto: ${given.proto === '' ? (secure ? 'https' : 'http') : given.proto}\r\n`;
  if (given.forwarded !== '') {
    const node = address.includes(':') ? `"[${address}]"` : address;
    lines += `forwarded: ${given.forwarded}, for=${node}\r\n`;
  }
  return lines;
}
