/** What a caller keeps of the answers to its writes, and shows with its next requests. */
export interface SeenKeeper {
  headers(): Readonly<Record<string, string>>;
  keep(headers: Readonly<Record<string, readonly string[] | undefined>>): void;
}

/** As a browser does it, or as a program without cookies: it sends the last `banyan-seen` that it was given. */
export function createCookieJar(by: 'cookie' | 'header'): SeenKeeper {
  const cookies = new Map<string, string>();
  let seen: string | undefined;
  return {
    headers() {
      if (by === 'header') return seen === undefined ? {} : { 'banyan-seen': seen };
      const all = [...cookies].map(([name, value]) => `${name}=${value}`);
      return all.length === 0 ? {} : { cookie: all.join('; ') };
    },
    keep(headers) {
      for (const line of headers['set-cookie'] ?? []) {
        const [pair = ''] = line.split(';');
        const at = pair.indexOf('=');
        cookies.set(pair.slice(0, at), pair.slice(at + 1));
      }
      seen = headers['banyan-seen']?.join(', ') ?? seen;
    },
  };
}
