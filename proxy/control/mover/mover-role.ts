import type { Stage } from '#flags/stages.ts';
import type { Config } from '#proxy/config/schema.ts';
import { engine } from '#proxy/cutover/engine.ts';
import { cutoverPlans } from '#proxy/cutover/plan.ts';
import { routeTable } from '#proxy/route/table.ts';
import type { Logger } from '#shared/telemetry/log.ts';
import { openConfiguredFlags } from '../configured-flags.ts';
import { acknowledger } from './acknowledger.ts';
import { answerQuestions } from './answer-questions.ts';
import { lead } from './leader.ts';
import { moverLimits } from './limits.ts';
import { startMover } from './mover.ts';
import type { MoverAnswer, MoverOwnership, MoverReport } from './mover-messages.ts';
import type { MoverStatus } from './mover-status.ts';
import { watchOwnership } from './ownership-news.ts';

export interface MoverRole {
  status(): MoverStatus[];
  stop(): Promise<void>;
}

const reportMs = 1_000;
/** A move that ended is told soon: the next one would hide it. */
const moveReportMs = 100;

/**
 * The mover role: the copies of every migration that has `data`, each as its flag's stage wants it. A child of `banyan run`
 * tells its parent how they are.
 * @throws FlagFileError when the flag file is wrong
 */
export async function startMoverRole(config: Config, log: Logger): Promise<MoverRole> {
  const table = routeTable(config);
  const flags = await openConfiguredFlags(config, { table, log });
  const movers = cutoverPlans(config).flatMap((plan) => {
    const data = config.migrations[plan.migration]?.data;
    if (data === undefined) return [];
    const { migration } = table.flags.ofMigration(plan.migration);
    const stage = (): Stage => flags.stage(migration);
    return [{ plan, mover: startMover({ plan, limits: moverLimits(data), engine, lead, log, stage }) }];
  });
  const watches = movers.map(({ plan, mover }) =>
    // Alone it has no proxies to tell.
    process.send === undefined
      ? undefined
      : watchOwnership({
          plan,
          status: () => mover.status(),
          tell: (news) => toParent({ banyan: 'mover-ownership', news }),
        }),
  );
  const answering = answerQuestions(
    new Map(
      movers.map(({ plan, mover }) => [plan.migration, acknowledger({ plan, copy: () => mover.copy() })]),
    ),
    (answer) => toParent({ banyan: 'acknowledge', answer }),
  );
  const status = (): MoverStatus[] => movers.map(({ mover }) => mover.status());
  let reported = { at: -Infinity, moves: '' };
  const report = setInterval(() => {
    const now = status();
    const moves = now.map(({ moves }) => moves?.last?.at).join(' ');
    if (moves === reported.moves && performance.now() - reported.at < reportMs) return;
    reported = { at: performance.now(), moves };
    toParent({ banyan: 'mover', movers: now });
  }, moveReportMs);
  return {
    status,
    async stop() {
      clearInterval(report);
      await Promise.all(movers.map(({ mover }) => mover.stop()));
      // After them, so that the end of a move is still told.
      await answering.stop();
      await Promise.all(watches.map(async (watch) => watch?.stop()));
      await flags.close();
    },
  };
}

function toParent(message: MoverReport | MoverOwnership | MoverAnswer): void {
  if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
}

/** Whether a configuration has anything to move. */
export function hasData({ migrations }: Config): boolean {
  return Object.values(migrations).some(({ data }) => data !== undefined);
}
