/** One step of a path. `anywhere` stands for any number of steps, none included. */
export type PathSegment =
  | { readonly step: 'name'; readonly name: string }
  | { readonly step: 'index'; readonly index: number }
  | { readonly step: 'any' }
  | { readonly step: 'anywhere' };

export type ParsedPath = { readonly segments: readonly PathSegment[] } | { readonly problem: string };

const longestPath = 512;
const mostSegments = 32;

/** What is taken; said in each message about a path that is not. */
export const pathForm =
  'must be a path such as $.a.b, $.items[*].id, $.list[0], $["odd name"], $.a.* or $..name';

// Each piece is tried once at its place and nothing is tried twice, so reading is linear in the text.
const piece =
  /(?<descend>\.\.)?(?:\.?(?<name>[\p{L}_$][\p{L}\p{N}_$-]*)|\.?(?<star>\*)|\[(?:(?<index>\d{1,9})|(?<all>\*)|(?<quoted>"(?:[^"\\]|\\.)*"))\])/uy;

/**
 * Reads a path into a JSON body. The language is small on purpose: it is matched step by step while a body is walked,
 * without going back (CVE-2024-45296 shows what happens otherwise).
 * @param text at most 512 characters and 32 steps
 */
export function parseJsonPath(text: string): ParsedPath {
  if (text.length > longestPath) return { problem: `must have at most ${longestPath} characters` };
  if (!text.startsWith('$')) return { problem: pathForm };
  const segments: PathSegment[] = [];
  piece.lastIndex = 1;
  while (piece.lastIndex < text.length) {
    const from = piece.lastIndex;
    const groups = piece.exec(text)?.groups;
    if (groups === undefined || !isSeparated(text, from)) return { problem: pathForm };
    if (groups['descend'] !== undefined) segments.push({ step: 'anywhere' });
    const segment = segmentOf(groups);
    if (segment === undefined) return { problem: pathForm };
    segments.push(segment);
    if (segments.length > mostSegments) return { problem: `must have at most ${mostSegments} steps` };
  }
  return { segments };
}

/** `$a` and `$.a[0]b` lack their dot; `$...a` has one too many. */
function isSeparated(text: string, at: number): boolean {
  return (text[at] === '.' || text[at] === '[') && !text.startsWith('...', at);
}

function segmentOf(groups: Readonly<Record<string, string | undefined>>): PathSegment | undefined {
  if (groups['name'] !== undefined) return { step: 'name', name: groups['name'] };
  if (groups['index'] !== undefined) return { step: 'index', index: Number(groups['index']) };
  if (groups['quoted'] === undefined) return { step: 'any' };
  try {
    return { step: 'name', name: String(JSON.parse(groups['quoted'])) };
  } catch {
    return undefined;
  }
}
