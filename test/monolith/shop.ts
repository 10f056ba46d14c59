import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { createMonolith, type Monolith, type MonolithOptions } from '#monolith/app.ts';
import { issueToken } from '#shared/credentials/token.ts';
import { serve } from '#shared/http/serve.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { faultsOf } from './description.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Parsed JSON; `undefined` where the answer is none. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of many shapes
  readonly body: any;
}

export interface Person {
  readonly id: number;
  readonly token: string;
}

export interface CallOptions {
  readonly as?: Person;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Shop {
  readonly database: TestDatabase;
  readonly monolith: Monolith;
  readonly url: string;
  readonly admin: Person;
  readonly customer: Person;
  /** Every answer is held to `docs/api/monolith.openapi.yaml`. */
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  /** A user with an access token, written straight into the tables. */
  person(options?: { admin?: boolean; name?: string; email?: string }): Promise<Person>;
  /** A new product with this much on hand; answers its id. */
  product(onHand: number, fields?: { priceCents?: number; name?: string }): Promise<number>;
  stock(productId: number): Promise<{ onHand: number; reserved: number; available: number }>;
  /** Places an order of the customer, under a new key unless one is given. */
  order(
    lines: readonly { productId: number; quantity: number }[],
    options?: { as?: Person; key?: string },
  ): Promise<Answer>;
  pay(orderId: number, token: string, as?: Person): Promise<Answer>;
  /** Moves the shop's clock, which begins at the time of the start. */
  passTime(ms: number): void;
  now(): Date;
  stop(): Promise<void>;
}

type ShopOptions = Partial<MonolithOptions>;

/**
 * The monolith behind HTTP on a database of its own: no sweep by itself, a clock that the test moves.
 * @param options what is other than usual; a function where that needs the address of the database
 */
export async function startShop(
  options: ShopOptions | ((databaseUrl: string) => ShopOptions) = {},
): Promise<Shop> {
  const database = await createTestDatabase('monolith');
  let shift = 0;
  const now = (): Date => new Date(Date.now() + shift);
  const monolith = createMonolith({
    databaseUrl: database.url,
    introspectionKey: 'a-key-for-introspection',
    log: createLog({ name: 'test', level: 'silent' }),
    sweepEveryMs: 0,
    now,
    ...(typeof options === 'function' ? options(database.url) : options),
  });
  const server = await serve(monolith.listener, { name: 'the monolith' });
  const pool = new Pool(server.url, { connections: 64 });

  const call: Shop['call'] = async (method, path, { as, body, headers } = {}) => {
    const response = await pool.request({
      method,
      path,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(as === undefined ? {} : { authorization: `Bearer ${as.token}` }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.body.text();
    const status = response.statusCode;
    const { headers: given } = response;
    const [route = ''] = path.split('?');
    const faults = faultsOf({ method, path: route, requestBody: body, status, headers: given, text });
    if (faults.length > 0) throw new Error(`${method} ${path}: ${faults.join('; ')}\n${text}`);
    const json = String(given['content-type']).includes('json') && text !== '';
    return { status, headers: given, text, body: json ? JSON.parse(text) : undefined };
  };

  const person: Shop['person'] = async ({ admin = false, name = 'A Customer', email } = {}) => {
    // The token names the id of its user, so the id comes first.
    const [next] = await database.query<{ id: string }>(`select nextval('users_id_seq') as id`);
    const issued = issueToken(Number(next?.id));
    await database.query(
      `with made as (
         insert into users (id, email, full_name, is_admin, password_hash) values ($1, $2, $3, $4, 'none')
       )
       insert into auth_tokens (user_id, token_hash, token_type, family, issued_at, expires_at)
       values ($1, $5, 1, gen_random_uuid(), now() at time zone 'utc', (now() + interval '1 day') at time zone 'utc')`,
      [issued.userId, email ?? `${randomUUID()}@example.com`, name, admin ? 1 : 0, issued.hash],
    );
    return { id: issued.userId, token: issued.token };
  };

  const admin = await person({ admin: true, name: 'An Admin' });
  const customer = await person();

  return {
    database,
    monolith,
    url: server.url,
    admin,
    customer,
    call,
    person,
    async product(onHand, { priceCents = 1_000, name = 'A Thing' } = {}) {
      const made = await call('POST', '/products', {
        as: admin,
        body: { sku: `sku-${randomUUID()}`, name, priceCents },
      });
      const { id } = made.body as { id: number };
      if (onHand > 0) {
        const body = { productId: id, delta: onHand, reason: 'delivery' };
        await call('POST', '/inventory/adjustments', { as: admin, body });
      }
      return id;
    },
    async stock(productId) {
      return (await call('GET', `/products/${productId}`, { as: admin })).body.stock;
    },
    order: (lines, { as = customer, key = randomUUID() } = {}) =>
      call('POST', '/orders', { as, body: { lines }, headers: { 'idempotency-key': key } }),
    pay: (orderId, token, as = customer) =>
      call('POST', `/orders/${orderId}/pay`, { as, body: { method: { token } } }),
    now,
    passTime(ms) {
      shift += ms;
    },
    async stop() {
      await pool.close();
      await server.close(1_000);
      await monolith.close();
      await database.drop();
    },
  };
}

/** Statuses in rising order, where it is open which of several requests at once gets which. */
export function statusesOf(answers: readonly Answer[]): number[] {
  return answers.map((answer) => answer.status).toSorted((a, b) => a - b);
}
