import { fault } from './faults.ts';

/** The largest body that is read, in bytes. */
export const largestBody = 256 * 1_024;

/** @throws Fault `bad-address` where it is no slug */
export function archiveInPath(slug: string): string {
  if (isSlug(slug)) return slug;
  throw fault('bad-address');
}

/** @throws Fault `no-archive` where the gateway named none */
export function archiveInHeader(header: string | string[] | undefined): string {
  if (typeof header === 'string' && isSlug(header)) return header;
  throw fault('no-archive');
}

/**
 * A document code or a serial.
 * @throws Fault `bad-address`
 */
export function nameInPath(name: string): string {
  const fits = name.length > 0 && Array.from(name).length <= 200 && !/^\.{1,2}$/.test(name);
  if (fits && name.isWellFormed() && !/[\p{Cc}/\\\ufffe\uffff]/u.test(name)) return name;
  throw fault('bad-address');
}

export function documentAddress(archive: string, code: string): string {
  return `/Archives/${encodeURIComponent(archive)}/Documents/${encodeURIComponent(code)}`;
}

export function deviceAddress(serial: string): string {
  return `/Devices/${encodeURIComponent(serial)}`;
}

/** The query by name; of repeated names the last. */
export function queryOf(target: string | undefined): Readonly<Record<string, string>> {
  const start = target?.indexOf('?') ?? -1;
  return Object.fromEntries(new URLSearchParams(start === -1 ? '' : target?.slice(start)));
}

function isSlug(text: string): boolean {
  return /^[a-z\d](?:[a-z\d.-]{0,58}[a-z\d])?$/.test(text);
}
