/** Host, port and database of a URL. Host names are compared without regard to case (RFC 3986, 3.2.2). */
export function databaseOf(url: string): string {
  const { hostname, port, pathname } = new URL(url);
  return `${hostname.toLowerCase()}:${port === '' ? '5432' : port}${pathname}`;
}
