import type { Stage } from '#flags/stages.ts';
import type { Ignored } from '#proxy/route/decide.ts';
import type { Logger } from '#shared/telemetry/log.ts';

/** Somebody thinks that it counts, and goes on thinking so: not only the first minute's readers are to know. */
const everyMs = 60_000;

/**
 * Says that a flag or a header counts for nothing, since the migration is complete: once a minute for each of the three, and
 * at once for another stage.
 */
export function ignoredLog(
  log: Pick<Logger, 'warn'>,
  now: () => number = () => performance.now(),
): (migration: string, ignored: Ignored) => void {
  /** As many as the configuration has migrations, by what was ignored. */
  const said = new Map<string, { readonly at: number; readonly stage: Stage | undefined }>();

  const say = (migration: string, what: string, stage?: Stage): void => {
    const place = `${what} ${migration}`;
    const last = said.get(place);
    const moment = now();
    if (last !== undefined && last.stage === stage && moment - last.at < everyMs) return;
    said.set(place, { at: moment, stage });
    log.warn(
      { migration, ...(stage === undefined ? {} : { stage }) },
      `the ${what} is ignored: the migration is complete, and the monolith's data are of the past; set the flag to complete`,
    );
  };
  return (migration, { stage, killSwitch, force }) => {
    if (stage !== undefined) say(migration, 'stage of the flag', stage);
    if (killSwitch === true) say(migration, 'kill switch');
    if (force === true) say(migration, 'forced side');
  };
}
