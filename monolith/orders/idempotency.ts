import { createHash } from 'node:crypto';
import { Op, QueryTypes, type Transaction } from 'sequelize';
import { problem } from '#shared/errors/problem.ts';
import type { OrderModels } from './models.ts';

const keptDays = 7;
const dayMs = 24 * 60 * 60 * 1_000;
/** Keys that one sweep forgets at most. */
const batch = 1_000;

export interface StoredAnswer {
  readonly status: number;
  /** The body, byte for byte as it was sent the first time. */
  readonly text: string;
  readonly replayed: boolean;
}

export interface OnceOptions {
  readonly userId: number;
  readonly key: string;
  /** The checked request: what it hashes to must be equal for a repeat. */
  readonly request: unknown;
  readonly now: Date;
  /** Does the work inside the transaction that also keeps its answer. */
  readonly work: (transaction: Transaction) => Promise<{ readonly status: number; readonly body: unknown }>;
}

/**
 * Does the work for a key of a user at most once, and answers repeats as the first time, for 7 days. The key is
 * inserted first: a second request with it waits at the unique constraint until the first commits (then it replays) or
 * rolls back (then it does the work). So work that fails leaves the key unused.
 * @throws Problem 422 `idempotency-key-reused` when the key came with another request before; what `work` throws
 */
export function doOnce(models: OrderModels, options: OnceOptions): Promise<StoredAnswer> {
  const { userId, key, now } = options;
  const requestHash = createHash('sha256').update(JSON.stringify(options.request)).digest('hex');
  return models.sequelize.transaction(async (transaction) => {
    const inserted = await models.sequelize.query(
      `insert into idempotency_keys (user_id, idempotency_key, request_hash, created_at)
       values (:userId, :key, :requestHash, :now) on conflict do nothing returning user_id`,
      { replacements: { userId, key, requestHash, now }, type: QueryTypes.SELECT, transaction },
    );
    if (inserted.length === 0) {
      const first = await models.idempotencyKey.findOne({ where: { userId, key }, transaction });
      return replay(first, requestHash);
    }
    const { status, body } = await options.work(transaction);
    const text = JSON.stringify(body);
    await models.idempotencyKey.update({ status, answer: text }, { where: { userId, key }, transaction });
    return { status, text, replayed: false };
  });
}

interface FirstAnswer {
  readonly requestHash: string;
  readonly status: number | null;
  readonly answer: string | null;
}

function replay(first: FirstAnswer | null, requestHash: string): StoredAnswer {
  if (first === null || first.status === null || first.answer === null) {
    // Only where the sweep of old keys ran between the two statements.
    throw problem(409, 'idempotency-key-expired', 'This key was just forgotten: send the request again.');
  }
  if (first.requestHash !== requestHash) {
    throw problem(
      422,
      'idempotency-key-reused',
      'This Idempotency-Key came with another body before: use a new key for a new order.',
    );
  }
  return { status: first.status, text: first.answer, replayed: true };
}

/** Forgets keys that are older than 7 days, at most 1,000 of them. */
export async function forgetOldKeys(models: OrderModels, now: Date): Promise<number> {
  return models.idempotencyKey.destroy({
    where: { createdAt: { [Op.lt]: new Date(now.getTime() - keptDays * dayMs) } },
    limit: batch,
  });
}
