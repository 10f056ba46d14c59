const iso =
  /^(\d{4})-(\d\d)-(\d\d)(?:[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d\d(?::?\d\d)?)?)?$/;
const httpDate =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4} \d\d:\d\d:\d\d GMT$/;

/** Seconds since 1970 from 2001 to 2286 have ten digits, milliseconds thirteen: they can't be mistaken for each other. */
const epoch = /^\d{10}(?:\.\d{1,9})?$|^\d{13}(?:\.\d{1,6})?$/;

/**
 * The moment that a text or a number names: ISO 8601 (without a zone: UTC), an HTTP date (RFC 9110, 5.6.7), or seconds or
 * milliseconds since 1970.
 * @returns milliseconds since 1970, with fractions; `undefined` for anything else
 */
export function instantOf(text: string): number | undefined {
  if (text.length > 40 || text.length < 10) return undefined;
  const code = text.charCodeAt(0);
  if (code < 0x30 || code > 0x39) return httpDate.test(text) ? validOrNone(Date.parse(text)) : undefined;
  if (epoch.test(text)) {
    const value = Number(text);
    return value < 1e11 ? value * 1_000 : value;
  }
  const found = iso.exec(text);
  if (found === null) return undefined;
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = '', zone = 'Z'] = found;
  // A leap second is the moment after it, as all our clocks have it.
  const seconds = Math.min(59, Number(second));
  const base = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${String(seconds).padStart(2, '0')}Z`);
  const leap = second === '60' ? 1_000 : 0;
  return validOrNone(base + leap + Number(`0.${fraction}0`) * 1_000 - zoneOffset(zone));
}

function zoneOffset(zone: string): number {
  const found = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  if (found === null) return 0;
  const minutes = Number(found[2]) * 60 + Number(found[3] ?? 0);
  return (found[1] === '-' ? -1 : 1) * minutes * 60_000;
}

function validOrNone(time: number): number | undefined {
  return Number.isNaN(time) ? undefined : time;
}
