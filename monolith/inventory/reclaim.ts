import { isProblem } from '#shared/errors/problem.ts';
import { shortageCode } from './stock.ts';

/**
 * Frees the stock of these products that is held by what has run out and was not swept yet.
 * @returns how many holds it ended
 */
export type Reclaim = (productIds: readonly number[]) => Promise<number>;

/**
 * Runs a transaction that needs stock. When there is not enough, what ran out is ended first and the transaction runs
 * once more: nobody is refused for the sake of a dead reservation. The reclaim has transactions of its own, because
 * it takes locks in another order.
 */
export async function withReclaim<T>(
  attempt: () => Promise<T>,
  options: { readonly reclaim: Reclaim; readonly productIds: readonly number[] },
): Promise<T> {
  try {
    return await attempt();
  } catch (error) {
    const short = isProblem(error) && error.code === shortageCode;
    if (!short || (await options.reclaim(options.productIds)) === 0) throw error;
    return attempt();
  }
}
