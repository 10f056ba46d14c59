import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { gunzipSync } from 'node:zlib';
import { Agent, request } from 'undici';
import { faultsOf, operationOf } from './conformance.ts';

/** A system that answers by the contract. The suite speaks HTTP to it and nothing else. */
export interface ContractSystem {
  /** `http://host:port`, the system itself or a proxy before it. */
  readonly baseUrl: string;
  readonly introspectionKey: string;
  /** Access token of an admin, valid for the whole run. */
  readonly adminToken: string;
  stop(): Promise<void>;
}

export interface Call {
  /** Access token, or the introspection key. */
  readonly token?: string | undefined;
  /** Sent as JSON. */
  readonly json?: unknown;
  /** Sent as it is, as `application/json` unless `headers` say otherwise; a Buffer is gzip. */
  readonly body?: string | Buffer;
  readonly headers?: Readonly<Record<string, string>>;
  /** Send the body in chunks, without a Content-Length. */
  readonly chunked?: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** The parsed body; an empty object where there is none. */
  readonly json: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Somebody who has signed up and logged in. */
export interface Person {
  readonly id: number;
  readonly email: string;
  readonly password: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

/** What one run of the suite has before it: the system, and what has been seen of it so far. */
export interface World {
  readonly system: ContractSystem;
  /** `operationId status code` of every answer so far; the code is empty where the answer is no problem. */
  readonly seen: ReadonlySet<string>;
  /**
   * Sends one request.
   * @throws Error where the answer is not as the description says
   */
  call(method: string, path: string, call?: Call): Promise<Answer>;
  signUp(): Promise<Person>;
  login(email: string, password: string): Promise<Answer>;
  /** As the admin: suspends a user, or lets them in again. */
  setStatus(id: number, status: 'active' | 'suspended'): Promise<void>;
  open(system: ContractSystem): void;
  close(): Promise<void>;
}

export const password = 'correct horse battery';

/** An e-mail address that no run has used before. */
export function freshEmail(): string {
  return `${randomUUID()}@contract.example`;
}

export function createWorld(): World {
  const agent = new Agent({ keepAliveTimeout: 1_000 });
  const seen = new Set<string>();
  let opened: ContractSystem | undefined;

  const world: World = {
    seen,
    get system() {
      if (opened === undefined) throw new Error('the system under test has not started');
      return opened;
    },
    open(system) {
      opened = system;
    },
    async close() {
      await agent.close();
      await opened?.stop();
    },
    async call(method, path, { token, json, body, headers = {}, chunked = false } = {}) {
      const sent = json === undefined ? body : JSON.stringify(json);
      const response = await request(`${world.system.baseUrl}${path}`, {
        method: method as 'GET',
        dispatcher: agent,
        headers: {
          ...(sent === undefined ? {} : { 'content-type': 'application/json' }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...headers,
        },
        body: sent === undefined ? null : chunked ? inChunks(sent) : sent,
      });
      const text = await response.body.text();
      const { statusCode: status, headers: received } = response;
      const [plainPath = ''] = path.split('?');
      const exchange = {
        method,
        path: plainPath,
        requestBody: readable(sent),
        status,
        headers: received,
        body: text,
      };
      const faults = faultsOf(exchange);
      if (faults.length > 0) {
        throw new Error(
          `${method} ${path} answered ${status} ${text}\nagainst the description: ${faults.join('; ')}`,
        );
      }
      const parsed = readJson(text);
      const operation = operationOf(method, plainPath);
      if (operation !== undefined && method !== 'HEAD') {
        seen.add(`${operation.operationId} ${status} ${status < 400 ? '' : String(parsed['code'])}`.trim());
      }
      return { status, headers: received, json: parsed, text };
    },
    login: (email, password) => world.call('POST', '/auth/login', { json: { email, password } }),
    async signUp() {
      const email = freshEmail();
      const created = await world.call('POST', '/users', { json: { email, name: 'Somebody', password } });
      const session = await world.login(email, password);
      return {
        id: created.json['id'] as number,
        email,
        password,
        accessToken: session.json['accessToken'] as string,
        refreshToken: session.json['refreshToken'] as string,
      };
    },
    async setStatus(id, status) {
      const { adminToken: token } = world.system;
      const answer = await world.call('PATCH', `/users/${id}`, { token, json: { status } });
      if (answer.status !== 200) throw new Error(`the status was not set: ${answer.text}`);
    },
  };
  return world;
}

function readJson(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function readable(sent: string | Buffer | undefined): string | undefined {
  return Buffer.isBuffer(sent) ? gunzipSync(sent).toString() : sent;
}

function inChunks(body: string | Buffer): Readable {
  const bytes = Buffer.from(body);
  const starts = Array.from({ length: Math.ceil(bytes.length / 16_384) }, (_, n) => n * 16_384);
  return Readable.from(starts.map((at) => bytes.subarray(at, at + 16_384)));
}
