import type { Side } from '#flags/stages.ts';
import { readCopyFacts, type CopyFacts } from '#proxy/cutover/copy/facts.ts';
import { connectReading } from '#proxy/cutover/catalog/connect.ts';
import { sideProblem } from '#proxy/cutover/copy/side-problem.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';

export interface Ready {
  /** The side that owns the buckets; while they are shared out: the one that owns more. */
  readonly owner: Side;
  readonly facts: readonly CopyFacts[];
}

/**
 * What every command asks that needs an installed copy, before it does anything.
 * @throws an Error that tells the problems of both sides at once
 */
export async function readyCopy(plan: CutoverPlan): Promise<Ready> {
  const facts = await readCopyFacts(plan);
  refuse(facts.flatMap(({ side, problem }) => (problem === undefined ? [] : [`${side}: ${problem}`])));
  for (const { side, datasets, groups } of facts) {
    const names = plan.groups.flatMap((group) => group.datasets.map(({ name }) => name));
    const missing = names.filter((name) => !datasets.some(({ dataset }) => dataset === name));
    if (missing.length > 0 || groups.length < plan.groups.length)
      refuse([`${side}: ${missing.join(', ')} came into the configuration later: banyan cutover install`]);
  }
  const owned = (side: Side): number =>
    facts
      .filter((one) => one.side === side)
      .flatMap(({ groups }) => groups)
      .reduce((sum, group) => sum + group.owned, 0);
  return { owner: owned('service') > owned('monolith') ? 'service' : 'monolith', facts };
}

/** That every database answers to its installer, so that nothing is begun on one side and fails on the other. */
export async function reachableInstallers(plan: CutoverPlan, sides: readonly Side[]): Promise<void> {
  const problems = await Promise.all(
    sides.map(async (side) => {
      const { url, installUrl } = plan.databases[side];
      try {
        const client = await connectReading(installUrl ?? url);
        await client.end();
        return [];
      } catch (error) {
        const cause = Error.isError(error) ? (error.cause ?? error) : error;
        return [`${side}: ${sideProblem(cause, { plan, side, as: 'installUrl' })}`];
      }
    }),
  );
  refuse(problems.flat());
}

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(problems.join('\nbanyan: '));
}
