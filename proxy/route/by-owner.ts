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
): (head: RequestHead, explained: Explained) => Explained | Promise<Explained> {
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

/**
 * A read goes where its caller's own writes are. Who owns the data does not answer that: what is known of owners may be
 * old, and then the one that is held for the owner is the copy.
 */
function decideRead(question: Question): Explained | Promise<Explained> {
  const { ownership, head, explained, matched, fact } = question;
  const { route, key, side } = matched;
  if (!movable.has(explained.decision.reason) || ownership.isComplete(route.migration)) return explained;
  // Where nobody ever said a word on owners there is no gate, and the stage alone says who has all of it.
  if (!ownership.knows(route.migration) && stageTable[matched.evaluation.stage].writes === side)
    return explained;
  const here = ownership.missing({ head, route, key, on: side });
  if (here === 0) return explained;
  const elsewhere = otherSide(side);
  const there = ownership.missing({ head, route, key, on: elsewhere });
  if (there === 0) return readOn(elsewhere, question);
  // The caller wrote on both, and neither is known to have the other's yet.
  const anyOf = [
    { to: side, at: here },
    { to: elsewhere, at: there },
  ];
  const wrote = fact?.owner ?? (here > there ? elsewhere : side);
  return ownership
    .waitCopied({ migration: route.migration, anyOf, withinMs: bothWaitMs })
    .then((came = wrote) => (came === side ? explained : readOn(came, question)));
}

/** Some looks of control: it says how far the copies are twenty times a second. */
const bothWaitMs = 1_000;

function readOn(on: Side, { ownership, explained, matched }: Question): Explained {
  ownership.readOwnWrite();
  return {
    decision: { ...explained.decision, upstream: targetOf(matched, on), reason: 'own-write' },
    matched: { ...matched, side: on },
  };
}

function otherSide(side: Side): Side {
  return side === 'service' ? 'monolith' : 'service';
}

function targetOf({ route }: ExplainedMatch, side: Side): string {
  return side === 'service' ? route.service : route.monolith;
}
