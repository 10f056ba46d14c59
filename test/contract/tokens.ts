import type { Answer, World } from './world.ts';

export function refresh(world: World, refreshToken: unknown): Promise<Answer> {
  return world.call('POST', '/auth/refresh', { json: { refreshToken } });
}

export function introspect(world: World, token: unknown): Promise<Answer> {
  return world.call('POST', '/auth/introspect', { token: world.system.introspectionKey, json: { token } });
}

/** Whether introspection calls a token active; what it says of an inactive one is held by the description. */
export async function isActive(world: World, token: string): Promise<boolean> {
  const { status, json } = await introspect(world, token);
  if (status !== 200) throw new Error(`introspection answered ${status}`);
  return json['active'] === true;
}

/** The pair in an answer to login or refresh. */
export function tokensOf({ status, json }: Answer): {
  readonly accessToken: string;
  readonly refreshToken: string;
} {
  if (status !== 200) throw new Error(`there is no session in ${status} ${JSON.stringify(json)}`);
  return { accessToken: String(json['accessToken']), refreshToken: String(json['refreshToken']) };
}

/** The same token with one character of its secret changed. */
export function tampered(token: string): string {
  const at = token.indexOf('.') + 1;
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
}
