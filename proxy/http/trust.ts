import { BlockList, isIPv6 } from 'node:net';

/**
 * Answers whether an address lies in one of the ranges.
 * @param ranges CIDR blocks or single addresses, checked by the configuration
 */
export function trustedRanges(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    list.addSubnet(address, Number(bits ?? (family === 'ipv6' ? 128 : 32)), family);
  }
  return (address) => list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
