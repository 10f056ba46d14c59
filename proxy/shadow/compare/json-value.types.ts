/** JSON as it was written: numbers keep their text, repeated names are kept, and no name is special (`__proto__`). */
export type JsonValue = null | boolean | string | JsonNumber | JsonArray | JsonObject;

export interface JsonNumber {
  readonly is: 'number';
  /** As it stands in the body: `1.0`, `1e400`. */
  readonly text: string;
}

export interface JsonArray {
  readonly is: 'array';
  readonly items: JsonValue[];
}

export interface JsonObject {
  readonly is: 'object';
  /** The last value of each name, which is what nearly all readers take (RFC 8259, 4). */
  readonly members: Map<string, JsonValue>;
  /** Earlier values of names that come more than once; `undefined` where none does. */
  repeated: Map<string, JsonValue[]> | undefined;
}

export interface JsonCaps {
  /** Arrays and objects inside each other at most. */
  readonly maxDepth: number;
  /** Values in all at most, containers included. */
  readonly maxValues: number;
}

export type JsonFailure = 'invalid-json' | 'too-deep' | 'too-many-values';

export type JsonResult =
  | { readonly value: JsonValue }
  | { readonly failure: JsonFailure; readonly at: number };
