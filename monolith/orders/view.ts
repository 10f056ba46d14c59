import type { OrderRow } from './order-model.ts';
import type { OrderState } from './states.ts';

/** An order as the API shows it. */
export interface Order {
  readonly id: number;
  readonly userId: number;
  readonly state: OrderState;
  readonly totalCents: number;
  readonly currency: string;
  readonly lines: readonly OrderLine[];
  /** ISO 8601, UTC, milliseconds. */
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly reservedUntil: string | null;
}

export interface OrderLine {
  readonly productId: number;
  readonly sku: string;
  readonly name: string;
  readonly quantity: number;
  readonly unitPriceCents: number;
}

/** @param row with its lines */
export function toOrder(row: OrderRow): Order {
  if (row.lines === undefined) throw new Error('toOrder: the order was read without its lines');
  return {
    id: row.id,
    userId: row.userId,
    state: row.state,
    totalCents: row.totalCents,
    currency: row.currency,
    lines: row.lines
      .toSorted((a, b) => a.lineNo - b.lineNo)
      .map(({ productId, sku, name, quantity, unitPriceCents }) => ({
        productId,
        sku,
        name,
        quantity,
        unitPriceCents,
      })),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    reservedUntil: row.reservedUntil?.toISOString() ?? null,
  };
}
