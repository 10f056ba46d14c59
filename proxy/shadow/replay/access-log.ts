/** What one line of an access log says of its request; a text where it is none. */
export type LogLine = { readonly method: string; readonly target: string } | { readonly why: string };

/**
 * Reads a line of the common or combined log format, as Apache httpd and nginx write them (also with fields before and
 * behind): `host ident name [time] "GET /path HTTP/1.1" 200 17 …`. Linear in the line's length.
 */
export function readLogLine(line: string): LogLine {
  const opening = line.indexOf('] "');
  if (opening === -1) return { why: 'has no [time] "request"' };
  const request = quotedAt(line, opening + 2);
  if (request === undefined) return { why: 'has no closing quote after its request' };
  if (!/^ (?:\d{3}|-)(?: |$)/.test(line.slice(request.end, request.end + 6)))
    return { why: 'has no status after its request' };
  const parts = request.text.split(' ');
  const [method = '', target = '', protocol = 'HTTP/0.9'] = parts;
  if (parts.length < 2 || parts.length > 3 || !/^HTTP\/\d/.test(protocol))
    return { why: 'has no METHOD target HTTP/x in its request' };
  if (!/^[A-Z][A-Z-]{2,19}$/.test(method)) return { why: 'has no method in its request' };
  return { method, target };
}

/** The text in the quotes that begin at `at`, without its escapes: `\"`, `\\` and `\xhh` (bytes, as UTF-8 or percent-encoded). */
function quotedAt(line: string, at: number): { readonly text: string; readonly end: number } | undefined {
  let text = '';
  for (let index = at + 1; index < line.length; index += 1) {
    const character = line.charAt(index);
    if (character === '"') return { text, end: index + 1 };
    if (character !== '\\') {
      text += character > '\u007f' ? encodeURIComponent(character.toWellFormed()) : character;
      continue;
    }
    const hex = /^x[\da-f]{2}/i.exec(line.slice(index + 1, index + 4))?.[0];
    if (hex === undefined) text += line.charAt(index + 1);
    else text += byteText(Number.parseInt(hex.slice(1), 16));
    index += hex === undefined ? 1 : 3;
  }
  return undefined;
}

function byteText(byte: number): string {
  const isPlain = byte > 0x20 && byte < 0x7f;
  return isPlain ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
}
