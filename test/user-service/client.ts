/** An answer of the service under test. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** The parsed body; an empty object where there is none. */
  readonly json: Readonly<Record<string, unknown>>;
}

export interface Session {
  readonly id: number;
  readonly email: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

export const password = 'correct horse battery';

/** A small HTTP client; each connection ends with its answer, so that none is left open. */
export function clientOf(url: string) {
  async function call(
    method: string,
    path: string,
    options: { token?: string; json?: unknown } = {},
  ): Promise<Answer> {
    const { token, json } = options;
    const response = await fetch(`${url}${path}`, {
      method,
      headers: {
        connection: 'close',
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    });
    const text = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      json: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
  }

  const login = (email: string) => call('POST', '/auth/login', { json: { email, password } });

  return {
    call,
    login,
    refresh: (refreshToken: string) => call('POST', '/auth/refresh', { json: { refreshToken } }),
    async signUp(email: string): Promise<Session> {
      const created = await call('POST', '/users', { json: { email, name: 'Somebody', password } });
      const { json } = await login(email);
      return {
        id: Number(created.json['id']),
        email,
        accessToken: json['accessToken'] as string,
        refreshToken: json['refreshToken'] as string,
      };
    },
  };
}
