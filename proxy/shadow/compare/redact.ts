import { parseJsonPath, type PathSegment } from '#proxy/config/json-path.ts';
import type { RedactConfig } from '#proxy/config/shadow-rules.ts';
import type { FindingSample } from '../delta.types.ts';
import type { PairRequest } from '../pair.types.ts';
import { hideDetected } from './detectors.ts';
import type { Difference, Shown } from './difference.ts';
import type { JsonValue } from './json-value.types.ts';
import { isNumber } from './normalise.ts';
import { atRoot, reached, stepDown, type PathStates } from './path-states.ts';

const hidden = '[redacted]';
/** Characters in which something is looked for. More than are shown, so that nothing is cut before it is seen. */
const lookedAt = 4_096;
const mostHeaders = 32;

/** Makes what people may see of a difference. */
export interface Redactor {
  sample(request: PairRequest, difference: Difference, at: number): FindingSample;
}

/**
 * @param config what is hidden, as compiled from the configuration
 * @param maxValueCharacters to which each value is cut
 */
export function redactor(config: RedactConfig, maxValueCharacters: number): Redactor {
  const paths = config.paths.flatMap((text) => {
    const parsed = parseJsonPath(text);
    return 'segments' in parsed ? [{ segments: parsed.segments, target: true as const }] : [];
  });
  const root = atRoot(paths);
  const names = new Set(paths.flatMap(({ segments }) => nameAnywhere(segments)));
  const headers = new Set(config.headers);

  const text = (value: string, most = maxValueCharacters): string => {
    const seen = hideDetected(value.slice(0, lookedAt), config.detectors);
    // A copy: a slice would keep the whole body alive as long as the sample is.
    return copied(seen.length > most || value.length > lookedAt ? `${seen.slice(0, most)}…` : seen);
  };

  const shownText = (shown: Shown, difference: Difference): string | undefined => {
    if (shown === undefined) return undefined;
    const { place, path } = difference;
    if (place === 'header') {
      const isHidden = headers.has(path) || headers.has(path.split('.', 1)[0] ?? path);
      return isHidden ? hidden : text('text' in shown ? shown.text : '');
    }
    let states = root;
    if (place === 'body' && reached(states).length > 0) return hidden;
    for (const step of difference.steps) {
      states = stepDown(states, step);
      if (reached(states).length > 0) return hidden;
    }
    return 'text' in shown ? text(shown.text) : text(jsonText(shown.json, states, config));
  };

  return {
    sample(request, difference, at) {
      return {
        at,
        request: {
          method: copied(request.method),
          target: redactTarget(request.target, { names, text }),
          headers: request.headers
            .slice(0, mostHeaders)
            .map(([name, value]) => [copied(name.slice(0, 128)), headers.has(name) ? hidden : text(value)]),
        },
        primary: shownText(difference.primary, difference),
        shadow: shownText(difference.shadow, difference),
      };
    },
  };
}

/** `$..password` names something wherever it stands, so in a query as well. */
function nameAnywhere(segments: readonly PathSegment[]): string[] {
  const last = segments.at(-1);
  return segments.at(-2)?.step === 'anywhere' && last?.step === 'name' ? [last.name.toLowerCase()] : [];
}

interface TargetContext {
  readonly names: ReadonlySet<string>;
  readonly text: (value: string, most?: number) => string;
}

/** Each segment and each value of the query is looked at in its decoded form, so that an escape hides nothing from us. */
function redactTarget(target: string, { names, text }: TargetContext): string {
  const bounded = target.slice(0, lookedAt);
  const [path = '', ...rest] = bounded.split('?');
  const part = (raw: string): string => {
    const plain = decoded(raw);
    const seen = text(plain, lookedAt);
    return seen === plain ? raw : seen;
  };
  const segments = path.split('/').map(part).join('/');
  if (rest.length === 0) return copied(segments);
  const query = rest
    .join('?')
    .split('&')
    .map((pair) => {
      const [name = '', ...values] = pair.split('=');
      if (values.length === 0) return part(pair);
      const value = names.has(decoded(name).toLowerCase()) ? hidden : part(values.join('='));
      return `${part(name)}=${value}`;
    });
  return copied(`${segments}?${query.join('&')}`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** A value as JSON, what is hidden in it hidden, and no longer than is looked at. */
function jsonText(value: JsonValue, states: PathStates<true>, config: RedactConfig): string {
  let left = lookedAt;
  const write = (part: JsonValue, states: PathStates<true>, depth: number): string => {
    if (left <= 0 || depth > 32) return '…';
    if (reached(states).length > 0) return JSON.stringify(hidden);
    if (typeof part === 'string')
      return spend(JSON.stringify(hideDetected(part.slice(0, lookedAt), config.detectors)));
    if (isNumber(part)) return spend(part.text.slice(0, lookedAt));
    if (typeof part !== 'object' || part === null) return spend(String(part));
    const pieces: string[] = [];
    if (part.is === 'array') {
      for (const [index, item] of part.items.entries()) {
        if (left <= 0) return `[${pieces.join(',')},…]`;
        pieces.push(write(item, stepDown(states, index), depth + 1));
      }
      return `[${pieces.join(',')}]`;
    }
    for (const [name, member] of part.members) {
      if (left <= 0) return `{${pieces.join(',')},…}`;
      const shown = spend(JSON.stringify(hideDetected(name.slice(0, lookedAt), config.detectors)));
      pieces.push(`${shown}:${write(member, stepDown(states, name), depth + 1)}`);
    }
    return `{${pieces.join(',')}}`;
  };
  const spend = (text: string): string => {
    left -= text.length;
    return text;
  };
  return write(value, states, 0);
}

function copied(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}
