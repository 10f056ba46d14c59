export type CsvCell = string | number;

/**
 * Writes rows as RFC 4180: fields by comma, lines by CRLF, quotes doubled.
 *
 * Text that a spreadsheet would run as a formula (it begins with `=`, `+`, `-`, `@` or their full-width forms, white
 * space before it or not) gets an apostrophe in front, as OWASP advises against CSV injection: names come from
 * customers, and the file is opened by staff. Numbers are ours and stay as they are.
 */
export function csv(header: readonly string[], rows: readonly (readonly CsvCell[])[]): string {
  return [header, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

const formula = /^[\s\0]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

function cell(value: CsvCell): string {
  if (typeof value === 'number') return String(value);
  const safe = formula.test(value) ? `'${value}` : value;
  return safe !== value || /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
