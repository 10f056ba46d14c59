/** How alike two names are, 0 to 1: by their words, whatever their number, then by their letters. */
export function nameLikeness(one: string, other: string): number {
  if (one === other) return 1;
  const words = [wordsOf(one), wordsOf(other)] as const;
  const common = words[0].filter((word) => words[1].includes(word)).length;
  const byWords = (2 * common) / (words[0].length + words[1].length);
  const letters = byLetters(one.toLowerCase(), other.toLowerCase());
  return Math.max(byWords * 0.95, letters < chance ? 0 : letters * 0.8);
}

/** Two words of a language have about so many pairs of letters in common by chance. */
const chance = 0.35;

function wordsOf(name: string): string[] {
  return name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '')
    .map((word) => word.replace(/ies$/, 'y').replace(/(?<!s)s$/, ''));
}

/** Dice's coefficient over pairs of letters. */
function byLetters(one: string, other: string): number {
  const pairs = pairsOf(one);
  const left = pairsOf(other);
  if (pairs.length === 0 || left.length === 0) return 0;
  const total = pairs.length + left.length;
  const common = pairs.filter((pair) => {
    const at = left.indexOf(pair);
    if (at === -1) return false;
    left.splice(at, 1);
    return true;
  }).length;
  return (2 * common) / total;
}

function pairsOf(text: string): string[] {
  return Array.from({ length: Math.max(text.length - 1, 0) }, (_none, index) => text.slice(index, index + 2));
}
