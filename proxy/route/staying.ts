import type { RoutingKey } from '#flags/definitions.ts';
import type { Side } from '#flags/stages.ts';
import { keySpaceOf } from '#proxy/config/key-space.ts';
import type { Config } from '#proxy/config/schema.ts';
import { waitedMigration } from '#proxy/config/waited-migration.ts';
import type { Decision, RequestHead } from '#proxy/http/seam.ts';
import { keyReader, type KeyReader } from './key.ts';
import type { Ownership } from './ownership.ts';
import { pathTree } from './path-tree.ts';

/** A route of the default target that reads data of a migration. */
interface Staying {
  readonly name: string;
  readonly waitsFor: readonly { readonly migration: string; readonly side: Side }[];
  readonly key: KeyReader;
  readonly keySpace: string;
  readonly waitWithinMs: number;
}

export interface StayingTable {
  /** `undefined` where no such route takes the request. */
  decide(head: RequestHead, ownership: Ownership): Decision | Promise<Decision> | undefined;
}

/** @returns `undefined` where there are none, so that nobody pays for looking */
export function stayingTable(config: Config): StayingTable | undefined {
  const { staying, defaultTarget, migrations, routing } = config;
  if (staying.length === 0) return undefined;
  const tree = pathTree<Staying>(routing);
  for (const { name, match, waitsFor, key, waitWithin } of staying) {
    const route: Staying = {
      name,
      waitsFor: [...new Set(waitsFor.map((waited) => waitedMigration(waited, migrations) ?? waited))].map(
        (migration) => ({
          migration,
          side: migrations[migration]?.service === defaultTarget ? 'service' : 'monolith',
        }),
      ),
      key: keyReader(key),
      keySpace: keySpaceOf(key),
      waitWithinMs: waitWithin,
    };
    tree.add(match, route);
  }
  return {
    decide(head, ownership) {
      // As a migration's routes: HEAD goes where the GET goes.
      const found = tree.find(head.method === 'HEAD' ? 'GET' : head.method, head.path);
      if (found === undefined) return undefined;
      const route = found.value;
      const decision = { upstream: defaultTarget, route: route.name };
      const waits = missingOf(route, { head, ownership, key: route.key(head, found.parameters) });
      if (waits.length === 0) return { ...decision, reason: 'stays' };
      return Promise.all(waits).then((came) => {
        return { ...decision, reason: came.includes(undefined) ? 'stays-stale' : 'stays-waited' };
      });
    },
  };
}

interface Question {
  readonly head: RequestHead;
  readonly ownership: Ownership;
  readonly key: RoutingKey | undefined;
}

/**
 * One wait for each migration whose copy lacks something that this caller may see. Who owns the data is not asked: what is
 * known of it may be old. An owner lacks nothing, and control tells that of it too.
 */
function missingOf(route: Staying, { head, ownership, key }: Question): Promise<Side | undefined>[] {
  return route.waitsFor.flatMap(({ migration, side }) => {
    const subject = { migration, name: route.name, keySpace: route.keySpace };
    const at = ownership.missing({ head, route: subject, key, on: side, ofAnybody: true });
    if (at === 0) return [];
    return [ownership.waitCopied({ migration, anyOf: [{ to: side, at }], withinMs: route.waitWithinMs })];
  });
}
