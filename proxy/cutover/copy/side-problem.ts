import type { Side } from '#flags/stages.ts';
import { codeOf } from '#shared/errors/code.ts';
import { messageOf } from '#shared/errors/message.ts';
import { placeOf } from '../catalog/connect.ts';
import type { CutoverPlan } from '../plan.types.ts';

export interface SideOf {
  readonly plan: CutoverPlan;
  readonly side: Side;
  /** Whose connection it was: the applier's or the installer's. Default: `url`. */
  readonly as?: 'url' | 'installUrl';
}

const notThere = 'nothing is installed yet: banyan cutover install';

interface Told {
  readonly place: string;
  readonly role: string;
  /** Where the URL stands in the configuration. */
  readonly at: string;
  readonly isApplier: boolean;
  readonly said: string;
}

/** What can be said of an error by its SQLSTATE or Node's code; what a person does about it ends each. */
const byCode: Readonly<Record<string, (told: Told) => string>> = {
  '28P01': refusedLogin,
  '28000': refusedLogin,
  '3D000': ({ place, at }) => `there is no database ${place}: correct ${at}`,
  '3F000': () => notThere,
  '42P01': () => notThere,
  '42501': ({ role, said, isApplier }) =>
    isApplier
      ? `${role} lacks a right (${said}): banyan cutover install gives it`
      : `${role} may not do that (${said}): banyan cutover preflight names each right that installing needs`,
  '53300': ({ place, said }) =>
    `${place} has no connection left (${said}): raise max_connections, or end some`,
  ECONNREFUSED: away,
  ECONNRESET: away,
  ENOTFOUND: away,
  EAI_AGAIN: away,
  ETIMEDOUT: away,
  EHOSTUNREACH: away,
  ENETUNREACH: away,
  '57P03': away,
};

/** What keeps a side's database from being used, with what to do about it; no password. */
export function sideProblem(cause: unknown, { plan, side, as = 'url' }: SideOf): string {
  const { url, installUrl } = plan.databases[side];
  const used = as === 'url' ? url : (installUrl ?? url);
  const told = {
    place: placeOf(used),
    role: decodeURIComponent(new URL(used).username),
    at: `migrations.${plan.migration}.data.${side}.${as}`,
    isApplier: as === 'url',
    said: messageOf(cause),
  };
  const say = byCode[codeOf(cause) ?? ''] ?? (/timeout|terminated/i.test(told.said) ? away : undefined);
  return say === undefined ? `${told.place}: ${told.said}` : say(told);
}

/** The same as an error, which names the side. */
export function sideError(cause: unknown, of: SideOf): Error {
  return Object.assign(new Error(`${of.side}: ${sideProblem(cause, of)}`, { cause }), { name: 'SideError' });
}

function refusedLogin({ role, place, at, isApplier }: Told): string {
  const wrong = `the password in ${at} is not the role's`;
  return isApplier
    ? `${role} may not log in at ${place}: nothing is installed yet (banyan cutover install makes the role), or ${wrong}`
    : `${role} may not log in at ${place}: ${wrong}, or the server's pg_hba.conf does not let it in`;
}

function away({ place, said, at }: Told): string {
  return `${place} does not answer (${said}): see that the server runs, and that ${at} is right`;
}
