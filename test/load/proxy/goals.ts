import { goalCase, rateCase } from './cases.ts';
import { bestNodePeer, cpuPerRequest, othersShare, p99, ratio, rowOf, type CaseResult } from './results.ts';

export interface Goal {
  readonly text: string;
  readonly had: string;
  /** `undefined` where what it needs was not measured. */
  readonly met: boolean | undefined;
}

const us = 'Banyan';
/** Part of a core that other programs may take before a latency says nothing of the proxy. */
const quietEnough = 0.1;

/** The goals that the data plane was set, on what was measured. Banyan stands for the whole proxy role, never the plain plane. */
export function goalsOf(results: readonly CaseResult[]): readonly Goal[] {
  const main = results.find(({ bench }) => bench.name === goalCase.name);
  const rated = results.find(({ bench }) => bench.name === rateCase.name);
  const row = main === undefined ? undefined : rowOf(main, us);
  const against = (name: string): number | undefined =>
    main === undefined ? undefined : ratio(row, rowOf(main, name), cpuPerRequest);
  const best = main === undefined ? undefined : bestNodePeer(main);
  const ahead = results.filter(({ bench }) => bench.rate === undefined).flatMap(peersAhead);
  return [
    atMost('CPU a request at most 1.8 × nginx', against('nginx'), 1.8),
    atMost('CPU a request at most 0.5 × Envoy', against('Envoy'), 0.5),
    atMost('CPU a request at most 0.2 × http-proxy', against('http-proxy'), 0.2),
    atLeast(
      `CPU a request of every Node peer at least 2 × ours${best === undefined ? '' : ` (best: ${best.name})`}`,
      ratio(best, row, cpuPerRequest),
      2,
    ),
    {
      text: 'no case where a Node peer takes less CPU a request',
      had: ahead.length === 0 ? 'none' : ahead.join('; '),
      met: best === undefined || row === undefined ? undefined : ahead.length === 0,
    },
    latencyGoal(rated),
  ];
}

/** CPU time is each program's own; waiting is what the other programs of a busy machine cause, so it is not judged there. */
function latencyGoal(rated: CaseResult | undefined): Goal {
  const had = rated === undefined ? undefined : ratio(rowOf(rated, us), rowOf(rated, 'nginx'), p99);
  const goal = atMost('p99 at 15000 requests/s at most 2 × nginx', had, 2);
  const others = rated === undefined ? 0 : othersShare([rated]);
  if (had === undefined || others <= quietEnough) return goal;
  const why = `not judged, since other programs took ${Math.round(others * 100)} % of a core`;
  return { ...goal, had: `${goal.had}, ${why}`, met: undefined };
}

/** A case that we are out of counts as well: who errs is behind. */
function peersAhead(result: CaseResult): string[] {
  const row = rowOf(result, us);
  if (row?.disqualified !== undefined) return [`${us} erred at ${result.bench.name}`];
  return result.rows.flatMap((peer) => {
    const had = peer.kind === 'node' ? ratio(peer, row, cpuPerRequest) : undefined;
    return had !== undefined && had < 1 ? [`${peer.name} ${had.toFixed(2)} × at ${result.bench.name}`] : [];
  });
}

function atMost(text: string, had: number | undefined, limit: number): Goal {
  return had === undefined ? missing(text) : { text, had: had.toFixed(2), met: had <= limit };
}

function atLeast(text: string, had: number | undefined, limit: number): Goal {
  return had === undefined ? missing(text) : { text, had: had.toFixed(2), met: had >= limit };
}

function missing(text: string): Goal {
  return { text, had: 'not measured', met: undefined };
}

export function goalLine({ text, had, met }: Goal): string {
  return `goal: ${text}: had ${had}${met === undefined ? '' : met ? ' (met)' : ' (missed)'}`;
}
