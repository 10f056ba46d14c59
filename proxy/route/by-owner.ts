import { stageTable, type Side } from '#flags/stages.ts';
import type { Decision, HeaderLines, Outcome, RequestHead } from '#proxy/http/seam.ts';
import type { HoldAnswer } from '#proxy/http/answer-hold.types.ts';
import type { Acknowledging } from './acknowledge/acknowledging.ts';
import type { Explained, ExplainedMatch, Reason } from './decide.ts';
import type { Fact } from './owner-facts.ts';
import type { Asked, Ownership } from './ownership.ts';

/** Reads that nobody asked to go to their side in particular: those a caller's own write may take to the owner. */
const movable: ReadonlySet<Reason> = new Set(['stage', 'no-flag', 'no-key', 'share']);

/** Puts fact in the place of wish: writes go to the owner, and reads after the caller's own write too. */
export function byOwner(
  ownership: Ownership,
  acknowledging: Acknowledging | undefined,
): (head: RequestHead, explained: Explained) => Explained {
  return (head, explained) => {
    const { matched } = explained;
    if (matched === undefined) return explained;
    const fact = ownership.factOf(matched.route, matched.key);
    return matched.route.kind === 'write'
      ? decideWrite({ ownership, acknowledging, head, explained, matched, fact })
      : decideRead({ ownership, head, explained, matched, fact });
  };
}

interface Question {
  readonly ownership: Ownership;
  readonly head: RequestHead;
  readonly explained: Explained;
  readonly matched: ExplainedMatch;
  readonly fact: Fact | undefined;
}

function decideWrite(question: Question & { acknowledging: Acknowledging | undefined }): Explained {
  const { ownership, acknowledging, head, explained, matched, fact } = question;
  const { route, key, evaluation } = matched;
  const side = fact?.owner ?? fact?.from ?? matched.side;
  const asked: Asked = { head, route, key };
  const { copied, reads } = stageTable[evaluation.stage];
  const sideOf = (upstream: string): Side => (upstream === route.service ? 'service' : 'monolith');
  const onOutcome = ({ upstream, status }: Outcome): HeaderLines | undefined => {
    const on = sideOf(upstream);
    // Nothing is copied, and reads go where this went: at `off` and `complete`, unless the data has not followed the flag yet.
    const isPlain = copied === 'no' && on === reads;
    // A client's fault is no write; an answer that never came may hide one.
    const isRefused = status >= 400 && status < 500;
    return isPlain || isRefused ? undefined : ownership.wrote({ ...asked, on });
  };
  const decision: Decision & { reason: Reason } = {
    ...explained.decision,
    upstream: targetOf(matched, side),
    reason: fact === undefined ? explained.decision.reason : 'owner',
    ...(fact !== undefined && fact.owner === undefined ? { hold: true } : {}),
    onOutcome,
    ...(copied === 'no' || acknowledging?.covers(route.migration) !== true
      ? {}
      : { holdAnswer: holdOf(acknowledging, route.migration, sideOf) }),
  };
  return { decision, matched: { ...matched, side } };
}

/** What did not succeed wrote nothing, or nobody knows what: there is nothing to wait for. */
function holdOf(
  acknowledging: Acknowledging,
  migration: string,
  sideOf: (upstream: string) => Side,
): HoldAnswer {
  return ({ upstream, status, hasRoom }, settle) =>
    status >= 200 && status < 400
      ? acknowledging.hold({ migration, on: sideOf(upstream), hasRoom }, settle)
      : undefined;
}

function decideRead({ ownership, head, explained, matched, fact }: Question): Explained {
  const { route, key, side } = matched;
  const { decision } = explained;
  const wish = ownership.knows(route.migration) ? undefined : stageTable[matched.evaluation.stage].writes;
  // An owner has drained all that the other side took before.
  if ((fact?.owner ?? wish) === side || !movable.has(decision.reason)) return explained;
  if (ownership.missing({ head, route, key, on: side }) === 0) return explained;
  ownership.readOwnWrite();
  const writtenOn = side === 'service' ? 'monolith' : 'service';
  return {
    decision: { ...decision, upstream: targetOf(matched, writtenOn), reason: 'own-write' },
    matched: { ...matched, side: writtenOn },
  };
}

function targetOf({ route }: ExplainedMatch, side: Side): string {
  return side === 'service' ? route.service : route.monolith;
}
