/** Every error of the contract: its word, its status, and what it tells people. */
export const faults = {
  'bad-address': { status: 400, about: 'The address has a part that cannot be a name here.' },
  'bad-entry': { status: 400, about: 'Some fields are wrong.' },
  'bad-json': { status: 400, about: 'The body is not JSON.' },
  'no-archive': { status: 400, about: 'The header x-archive names no archive.' },
  sealed: { status: 403, about: 'A sealed document is not lent.' },
  'no-such-place': { status: 404, about: 'There is nothing here.' },
  'not-lent': { status: 404, about: 'This document is not lent.' },
  'unknown-device': { status: 404, about: 'There is no such device.' },
  'unknown-document': { status: 404, about: 'There is no such document.' },
  'already-lent': { status: 409, about: 'Somebody has this document.' },
  'device-removed': { status: 410, about: 'This device was removed.' },
  'document-removed': { status: 410, about: 'This document was removed.' },
  'revision-differs': { status: 412, about: 'The document has another revision.' },
  'body-too-large': { status: 413, about: 'The body is too large.' },
  'encoded-body': { status: 415, about: 'A compressed body is not taken.' },
  'revision-required': { status: 428, about: 'The document exists: say which revision this replaces.' },
  internal: { status: 500, about: 'Something failed here.' },
  'circular-succession': { status: 508, about: 'The documents supersede each other in a circle.' },
} as const satisfies Readonly<Record<string, { readonly status: number; readonly about: string }>>;

export type FaultWord = keyof typeof faults;

export interface Fault extends Error {
  readonly word: FaultWord;
  /** Paths of the refused fields. */
  readonly fields: readonly string[];
}

export function fault(word: FaultWord, fields: readonly string[] = []): Fault {
  return Object.assign(new Error(word), { name: 'Fault', word, fields });
}

export function isFault(value: unknown): value is Fault {
  return Error.isError(value) && value.name === 'Fault' && 'word' in value;
}

export function faultBody({ word, fields }: Fault): Record<string, unknown> {
  return { fault: word, about: faults[word].about, ...(fields.length > 0 ? { fields } : {}) };
}
