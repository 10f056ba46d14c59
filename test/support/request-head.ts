import type { RequestHead } from '#proxy/http/seam.ts';

/** A request head as the data plane would hand it to routing. */
export function headOf(request: {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
}): RequestHead {
  const { method = 'GET', target = '/', headers = {} } = request;
  return {
    method,
    target,
    path: target.split('?')[0] ?? target,
    header: (name) => (Object.hasOwn(headers, name) ? headers[name] : undefined),
    peer: '127.0.0.1',
    trusted: false,
    id: 'test-request',
  };
}
