const plainName = /^[A-Za-z_$][\w$-]{0,63}$/;

/** Names that are data rather than structure: numbers, UUIDs, long hexadecimal and mixed runs. */
const idLike =
  /^(?:[\d-]+|[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}|[\da-f]{16,}|(?=.*\d)[\w-]{24,}|[A-Za-z]+[_-]?\d{3,}|[\da-zA-Z]*\d[\da-zA-Z]*(?:-[\da-zA-Z]+){2,})$/i;

const deepest = 24;

/**
 * The path of a group: indexes, and names that look like data, become `*`. So a list of ten thousand elements, and a map
 * by id, are one path; and no personal data becomes part of a path.
 */
export function generalPath(steps: readonly (string | number)[]): string {
  let path = '$';
  for (const step of steps.slice(0, deepest)) path += segmentText(step);
  return steps.length > deepest ? `${path}…` : path;
}

function segmentText(step: string | number): string {
  if (typeof step === 'number') return '[*]';
  if (plainName.test(step)) return idLike.test(step) ? '.*' : `.${step}`;
  // Other names are shown where they are words; anything with a digit or a sign in it may be an address or a number.
  return /^[\p{L}_ ]{1,64}$/u.test(step) ? `[${JSON.stringify(step)}]` : '.*';
}
