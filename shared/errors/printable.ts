/**
 * A text from outside as it may stand in a message, a log line or a terminal: control characters, line ends and marks
 * that turn the direction of writing are shown as JSON's escapes (`\n`, `\u001b`), so that no text can break a line,
 * forge the next one, or steer the terminal.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    return shortEscapes[character] ?? escapesOf(character);
  });
}

const shortEscapes: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapesOf(character: string): string {
  return Array.from({ length: character.length }, (_none, at) => {
    return `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }).join('');
}
