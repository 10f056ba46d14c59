import express from 'express';
import type { Sequelize } from 'sequelize';
import { Pool } from 'undici';
import { databaseErrorHandler } from '#monolith/database-errors.ts';
import { openDatabase } from '#monolith/database.ts';
import { localCallerCheck } from '#monolith/users/local-caller-check.ts';
import { defineUserModels, type UserModels } from '#monolith/users/models.ts';
import { userRoutes } from '#monolith/users/routes.ts';
import { jsonBody, notFound, problemHandler } from '#shared/http/express.ts';
import { serve } from '#shared/http/serve.ts';
import { createLog, type Logger } from '#shared/telemetry/log.ts';
import { createTestDatabase, type TestDatabase } from '#test/support/database.ts';

export const introspectionKey = 'a-key-for-introspection';
const lightCost = { logN: 4, r: 8, p: 1 };

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Parsed JSON; `undefined` where the answer is none. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into answers of many shapes
  readonly body: any;
}

export interface Member {
  readonly id: number;
  readonly email: string;
  readonly password: string;
  readonly accessToken: string;
  readonly refreshToken: string;
}

export interface Users {
  readonly url: string;
  readonly database: TestDatabase;
  readonly sequelize: Sequelize;
  readonly models: UserModels;
  /** Sends `body` as JSON and `token` as Bearer credentials. */
  call(method: string, path: string, options?: { body?: unknown; token?: string }): Promise<Answer>;
  /** A new account with a session; an admin on demand, which only the table can make. */
  member(options?: { admin?: boolean }): Promise<Member>;
  logIn(member: Pick<Member, 'email' | 'password'>): Promise<Answer>;
  stop(): Promise<void>;
}

/** The user domain alone behind HTTP, on a database of its own. */
export async function startUsers(log: Logger = createLog({ name: 'test', level: 'silent' })): Promise<Users> {
  const database = await createTestDatabase('monolith');
  const sequelize = openDatabase(database.url, 10);
  const models = defineUserModels(sequelize);
  const app = express();
  app.set('etag', false);
  app.use(jsonBody());
  app.use(
    userRoutes({
      models,
      checkCaller: localCallerCheck(models),
      introspectionKey,
      log,
      passwordCost: lightCost,
    }),
  );
  app.use(notFound, databaseErrorHandler, problemHandler(log));
  const server = await serve(app, { name: 'the users domain' });
  const pool = new Pool(server.url);
  let made = 0;

  const call: Users['call'] = async (method, path, { body, token } = {}) => {
    const response = await pool.request({
      method,
      path,
      headers: {
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.body.text();
    return {
      status: response.statusCode,
      headers: response.headers,
      text,
      body: text.startsWith('{') ? JSON.parse(text) : undefined,
    };
  };
  const logIn: Users['logIn'] = ({ email, password }) =>
    call('POST', '/auth/login', { body: { email, password } });

  return {
    url: server.url,
    database,
    sequelize,
    models,
    call,
    logIn,
    async member({ admin = false } = {}) {
      const email = `member-${++made}@example.com`;
      const password = `password of ${email}`;
      const { body } = await call('POST', '/users', { body: { email, name: 'A Member', password } });
      if (admin) await database.query('update users set is_admin = 1 where id = $1', [body.id]);
      const session = await logIn({ email, password });
      return { ...session.body, id: body.id, email, password };
    },
    async stop() {
      await pool.close();
      await server.close(1_000);
      await sequelize.close();
      await database.drop();
    },
  };
}

/** Statuses in rising order, where it is open which of several requests at once gets which. */
export function statusesOf(answers: readonly Answer[]): number[] {
  return answers.map((answer) => answer.status).toSorted((a, b) => a - b);
}
