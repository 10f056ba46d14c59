import type { LegAnswer } from '../pair.types.ts';
import type { Collector } from './collector.ts';
import { compareHeaders } from './compare-headers.ts';
import { compareJson } from './compare-json.ts';
import { describeBytes, excerpts, sameText } from './compare-text.ts';
import { contentOf, headerOf, type Content, type ContentCaps } from './content.ts';
import type { HeaderChoice } from './header-choice.ts';
import { atRoot, reached } from './path-states.ts';
import type { RuleSet } from './rules.ts';
import { areEqualBy, type IdComparer, type Walk } from './walk.ts';

/** One answer and, once somebody asked for it, its content. */
export interface ReadAnswer {
  readonly answer: LegAnswer;
  content(): Content;
}

export interface AnswerContext {
  readonly rules: RuleSet;
  readonly headers: HeaderChoice;
  readonly ids: IdComparer;
  readonly into: Collector;
  /** Values of JSON that one comparison looks at. */
  readonly maxSteps: number;
}

/** `undecodable`: neither body could be read, so nothing is known of them. */
export type Compared = 'compared' | 'undecodable';

/** An answer that is read once, however often it is compared. */
export function readAnswer(answer: LegAnswer, caps: ContentCaps): ReadAnswer {
  let content: Content | undefined;
  return { answer, content: () => (content ??= contentOf(answer, caps)) };
}

/**
 * Compares two answers. Where the statuses are of two classes, that is the difference: the body of an error is not held
 * against that of a success.
 */
export function compareAnswers(primary: ReadAnswer, shadow: ReadAnswer, context: AnswerContext): Compared {
  const { into, rules, headers, ids } = context;
  const [one, other] = [primary.answer, shadow.answer];
  if (one.status !== other.status) {
    into.add({
      place: 'status',
      path: 'status',
      kind: 'value',
      primary: { text: String(one.status) },
      shadow: { text: String(other.status) },
      covering: rules.status,
    });
    if (Math.floor(one.status / 100) !== Math.floor(other.status / 100)) return 'compared';
  }
  compareHeaders([one.headers, other.headers], { choice: headers, rules: rules.headers, into, ids });
  return compareBodies(primary, shadow, context);
}

function compareBodies(primary: ReadAnswer, shadow: ReadAnswer, context: AnswerContext): Compared {
  if (areAlikeUnread(primary.answer, shadow.answer)) return 'compared';
  const [one, other] = [primary.content(), shadow.content()];
  if (one.is === 'undecodable' && other.is === 'undecodable') return 'undecodable';
  const states = atRoot(context.rules.body);
  if (one.is === 'json' && other.is === 'json') {
    const walk: Walk = { into: context.into, ids: context.ids, steps: [], left: context.maxSteps };
    compareJson(walk, [one.value, other.value], { states, covering: [] });
    return walk.left < 0 ? 'undecodable' : 'compared';
  }

  const covering = reached(states);
  const add = (kind: 'undecodable' | 'type' | 'value' | 'length', [a, b]: readonly [string, string]): void =>
    context.into.add({ place: 'body', path: '$', kind, primary: { text: a }, shadow: { text: b }, covering });
  const [oneForm, otherForm] = [formOf(one), formOf(other)];
  if (oneForm !== otherForm) {
    add(/\(|undecodable/.test(oneForm + otherForm) ? 'undecodable' : 'type', [oneForm, otherForm]);
  } else if (one.is === 'text' && other.is === 'text') {
    const isSame =
      sameText(one.text, other.text) ||
      areEqualBy(covering, { primary: one.text, shadow: other.text, ids: context.ids });
    if (!isSame) add('value', excerpts(one.text, other.text));
  } else if (one.is === 'bytes' && other.is === 'bytes' && Buffer.compare(one.bytes, other.bytes) !== 0) {
    const kind = one.bytes.length === other.bytes.length ? 'value' : 'length';
    add(kind, describeBytes(one.bytes, other.bytes));
  }
  return 'compared';
}

/** Equal bytes that are to be read in the same way need no reading. */
function areAlikeUnread(primary: LegAnswer, shadow: LegAnswer): boolean {
  return (
    primary.body.length === shadow.body.length &&
    Buffer.compare(primary.body, shadow.body) === 0 &&
    headerOf(primary, 'content-encoding') === headerOf(shadow, 'content-encoding') &&
    headerOf(primary, 'content-type') === headerOf(shadow, 'content-type')
  );
}

/** What a body is, and in brackets how it is not what it claims to be. */
function formOf(content: Content): string {
  if (content.is === 'undecodable') return `undecodable: ${content.why}`;
  const lie = 'lie' in content ? content.lie : undefined;
  return lie === undefined ? content.is : `${content.is} (${lie})`;
}
