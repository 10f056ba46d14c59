import express, { type Express } from 'express';
import type { RequestListener } from 'node:http';
import type { PasswordCost } from '#shared/credentials/password.ts';
import { jsonBody, notFound, problemHandler } from '#shared/http/express.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import { openAuthDelegation } from './auth-delegation/delegation.ts';
import type { AuthDelegationSetting } from './auth-delegation/setting.ts';
import { databaseErrorHandler } from './database-errors.ts';
import { openDatabase } from './database.ts';
import { healthRoutes } from './health.ts';
import { expireHolds } from './inventory/hold-expiry.ts';
import { defineInventoryModels } from './inventory/models.ts';
import { inventoryRoutes } from './inventory/routes.ts';
import type { OrderContext } from './orders/context.types.ts';
import { expireOrders } from './orders/expiry.ts';
import { defineOrderModels } from './orders/models.ts';
import { payableOrders } from './orders/payable.ts';
import { orderRoutes } from './orders/routes.ts';
import type { PaymentContext } from './payments/context.types.ts';
import { definePaymentModels } from './payments/models.ts';
import { createPayments } from './payments/payments.ts';
import type { PaymentProvider } from './payments/provider.types.ts';
import { paymentRoutes } from './payments/routes.ts';
import { simulatedProvider } from './payments/simulated-provider.ts';
import { periodic } from './periodic.ts';
import { openCustomers } from './reporting/customers/customers.ts';
import { reportRoutes } from './reporting/routes.ts';
import { sweep } from './sweep.ts';
import type { UserDomainSetting } from './user-domain-setting.ts';
import { localCallerCheck } from './users/local-caller-check.ts';
import { defineUserModels } from './users/models.ts';
import { userRoutes } from './users/routes.ts';

export interface MonolithOptions {
  /** `postgres://user:password@host:port/database`, migrated with `monolith/schema`. */
  readonly databaseUrl: string;
  /** What a caller of `POST /auth/introspect` must send, at least 16 characters. */
  readonly introspectionKey: string;
  readonly log: Logger;
  /** Who checks the tokens for orders, payments, inventory and reports. Default: our own user domain. */
  readonly authDelegation?: AuthDelegationSetting;
  /** Who knows the names and e-mail addresses for the reports. Default: our own user domain. */
  readonly customers?: UserDomainSetting;
  /** Default: the simulated one, with its books in this database. */
  readonly provider?: PaymentProvider;
  /** Milliseconds that one call to the provider may take. Default 5,000. */
  readonly providerTimeoutMs?: number;
  /** Milliseconds between two sweeps; 0 for none. Default 5,000. */
  readonly sweepEveryMs?: number;
  /** Connections to the database, 1-100. Default 10. */
  readonly maxConnections?: number;
  /** The clock, for tests. */
  readonly now?: () => Date;
  /** See `passwordCosts`. Default full. */
  readonly passwordCost?: PasswordCost | undefined;
}

export interface Monolith {
  /** Give it to `serve`. */
  readonly listener: RequestListener & Express;
  /** One round of the sweep, at once. */
  sweep(): Promise<void>;
  /** Ends the sweep and all connections of its own. Stop listening first. */
  close(): Promise<void>;
}

/** The whole monolith on one database, without a listener of its own. */
export function createMonolith(options: MonolithOptions): Monolith {
  const { log, introspectionKey, now = () => new Date(), sweepEveryMs = 5_000 } = options;
  const database = openDatabase(options.databaseUrl, options.maxConnections);
  const users = defineUserModels(database);
  const local = localCallerCheck(users);
  const delegation = openAuthDelegation(options.authDelegation ?? { kind: 'local' }, {
    local,
    introspectionKey,
  });
  const { checkCaller } = delegation;
  const customers = openCustomers(options.customers ?? { kind: 'local' }, database);
  const inventory = defineInventoryModels(database);
  const orders: OrderContext = {
    models: defineOrderModels(database),
    inventory,
    now,
    reclaim: async (productIds) =>
      (await expireHolds(inventory, { now: now(), productIds })) +
      (await expireOrders(orders, { productIds })),
  };
  const payments: PaymentContext = {
    models: definePaymentModels(database),
    provider: options.provider ?? simulatedProvider(database),
    providerTimeoutMs: options.providerTimeoutMs ?? 5_000,
    orders: payableOrders(orders),
    now,
    log,
  };

  const app = express();
  app.disable('x-powered-by').disable('etag');
  app.use((_request, response, next) => {
    // Personal data, tokens, stock of this moment: for no cache.
    response.set('Cache-Control', 'no-store');
    next();
  });
  app.use(healthRoutes(database), jsonBody());
  app.use(
    userRoutes({
      models: users,
      checkCaller: local,
      introspectionKey,
      log,
      passwordCost: options.passwordCost,
    }),
    inventoryRoutes({ models: inventory, checkCaller, reclaim: orders.reclaim, now }),
    orderRoutes({ context: orders, payments: createPayments(payments), checkCaller }),
    paymentRoutes(payments, checkCaller),
    reportRoutes({ database, customers, checkCaller, now }),
  );
  app.use(notFound, databaseErrorHandler, problemHandler(log));

  const runSweep = (): Promise<void> => sweep(orders, payments);
  const sweeping =
    sweepEveryMs === 0
      ? undefined
      : periodic({
          task: runSweep,
          everyMs: sweepEveryMs,
          onError: (error) => log.warn({ err: error }, 'the sweep failed; the next one follows'),
        });
  return {
    listener: app,
    sweep: runSweep,
    async close() {
      await sweeping?.stop();
      await delegation.close();
      await customers.close();
      await database.close();
    },
  };
}
