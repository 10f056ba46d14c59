import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

// The kinds of value that a configuration is made of. Each message says what is right, with an example.

const millisecondsIn: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const bytesIn: Readonly<Record<string, number>> = { B: 1, KiB: 1_024, MiB: 1_048_576, GiB: 1_073_741_824 };

/** `250ms`, `2s`, `1.5m`, `1h` → milliseconds, 1 ms to 24 h. */
export const duration = z
  .string('must be a duration with its unit, e.g. 250ms, 2s, 5m')
  .regex(/^\d+(\.\d+)?(ms|s|m|h)$/, 'must be a duration with its unit, e.g. 250ms, 2s, 5m')
  .transform((text) => Math.round(scaled(text, millisecondsIn)))
  .refine((ms) => ms >= 1 && ms <= 24 * 3_600_000, 'must lie between 1ms and 24h');

/** `512B`, `16KiB`, `1MiB` → bytes. */
export const size = z
  .string('must be a size with its unit, e.g. 16KiB, 1MiB')
  .regex(/^\d+(\.\d+)?(B|KiB|MiB|GiB)$/, 'must be a size with its unit, e.g. 16KiB, 1MiB')
  .transform((text) => Math.round(scaled(text, bytesIn)))
  .refine((bytes) => bytes >= 1, 'must be at least 1B');

/** A number, or its text when it comes from an environment variable. */
export function count(least: number, most: number): z.ZodType<number, number | string> {
  const message = `must be a whole number from ${least} to ${most}`;
  return z
    .union([z.number(), z.string().regex(/^\d{1,15}$/)], message)
    .transform(Number)
    .pipe(z.int(message).min(least, message).max(most, message));
}

/** 0 takes any free port. */
export const port = count(0, 65_535);

export const host = z
  .string('must be a host name or IP address, e.g. 127.0.0.1')
  .regex(
    /^(?:[\w.-]+|[\da-f:.]*:[\da-f:.]*)$/i,
    'must be a host name or IP address without a port, e.g. 127.0.0.1 or ::1',
  );

/** `http://host:port` or `https://host:port` without path, query or credentials. */
export const targetUrl = z.string('must be a URL, e.g. http://127.0.0.1:4001').refine((text) => {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const bare =
    url.pathname === '/' &&
    url.search === '' &&
    url.hash === '' &&
    url.username === '' &&
    url.password === '';
  return /^https?:$/.test(url.protocol) && bare;
}, 'must be http://host:port without path, query or credentials, e.g. http://127.0.0.1:4001');

export const cidr = z.string('must be an address range, e.g. 10.0.0.0/8').refine((text) => {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  if (bits === undefined) return true;
  try {
    new BlockList().addSubnet(address, Number(bits), family === 6 ? 'ipv6' : 'ipv4');
    return /^\d{1,3}$/.test(bits);
  } catch {
    return false;
  }
}, 'must be an address or a range in CIDR form, e.g. 10.0.0.0/8 or ::1/128');

/** A part of the whole, 0 to 1. */
export const fraction = z
  .number('must be a number from 0 to 1')
  .min(0, 'must be at least 0')
  .max(1, 'must be at most 1');

/** A file, relative to the configuration file. */
export const file = z.string('must be the path of a file').min(1, 'must be the path of a file');

/** Names that stand in metrics, logs and URLs. */
export const name = z
  .string('must be a name')
  .regex(
    /^[a-z][a-z0-9-]{0,62}$/,
    'must be 1-63 characters: lower-case letters, digits and hyphens, a letter first',
  );

/** LaunchDarkly's own rule for flag keys. */
export const flagKey = z
  .string('must be a flag key')
  .regex(/^[\w.-]{1,256}$/, 'must be a flag key: 1-256 letters, digits, dots, hyphens or underscores');

/** It goes out as a header, which takes no blank and no line end. */
export const sdkKey = z
  .string('must be a text')
  .regex(/^[\x21-\x7e]{1,512}$/, 'must be the SDK key alone, without a blank or a line end');

/** Secrets are long enough not to be guessed. */
export const secret = z.string('must be a text').min(16, 'must have at least 16 characters');

/** A secret that can stand behind `Authorization: Bearer` (RFC 6750 2.1). */
export const bearerSecret = secret.regex(
  /^[\w.~+/=-]{1,512}$/,
  'must be letters, digits and . _ ~ + / = - alone, at most 512',
);

function scaled(text: string, units: Readonly<Record<string, number>>): number {
  const number = Number.parseFloat(text);
  return number * (units[text.replace(/^[\d.]+/, '')] ?? Number.NaN);
}
