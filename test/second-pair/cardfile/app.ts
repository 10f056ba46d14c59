import express, { type ErrorRequestHandler } from 'express';
import { Pool } from 'pg';
import type { Logger } from '#shared/telemetry/log.ts';
import { largestBody } from '../contract/address.ts';
import { fault, faultBody, faults, isFault, type Fault } from '../contract/faults.ts';
import type { System, SystemOptions } from '../contract/system.types.ts';
import { cardRoutes } from './card-routes.ts';
import { loanRoutes } from './loans.ts';
import { loggerRoutes } from './logger-routes.ts';

/** The old system, without a socket. */
export function createCardFile({ databaseUrl, log, now }: SystemOptions): System {
  const pool = new Pool({ connectionString: databaseUrl, max: 5, application_name: 'cardfile' });
  pool.on('error', (error) => log.warn({ reason: error.message }, 'an idle database connection broke'));
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((request, response, next) => {
    response.set('Cache-Control', 'private, no-cache');
    // Express would answer OPTIONS by itself, with a list of methods.
    next(request.method === 'OPTIONS' ? fault('no-such-place') : undefined);
  });
  app.use(express.raw({ type: () => true, limit: largestBody, inflate: false }));
  app.use(cardRoutes(pool, now), loggerRoutes(pool, now), loanRoutes(pool));
  app.use((_request, _response, next) => next(fault('no-such-place')));
  app.use(failureHandler(log));
  return { listener: app, close: () => pool.end() };
}

function failureHandler(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error);
      return;
    }
    const told = asFault(error);
    if (told.word === 'internal') log.error({ err: error, path: request.path }, 'request failed');
    response.status(faults[told.word].status).json(faultBody(told));
  };
}

function asFault(error: unknown): Fault {
  if (isFault(error)) return error;
  const { type, status } = error as { readonly type?: unknown; readonly status?: unknown };
  if (type === 'entity.too.large') return fault('body-too-large');
  if (type === 'encoding.unsupported') return fault('encoded-body');
  // A parameter that is no UTF-8.
  return fault(status === 400 ? 'bad-address' : 'internal');
}
