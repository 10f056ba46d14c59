const examples: readonly (readonly [RegExp, string])[] = [
  // With a scale, `numeric(14,2)`, each value has one text.
  [/^(numeric|numrange|nummultirange)(\[\])*$/, '1.0 and 1.00'],
  [/^(real|double precision)(\[\])*$/, '0 and -0'],
  [/^interval(\b|\[)/, '1 day and 24:00:00'],
  [/^jsonb(\[\])*$/, '{"a": 1.0} and {"a": 1.00}'],
  [/^(json|xml)(\[\])*$/, 'the same document with other blanks'],
  [/^money(\[\])*$/, 'it is written as lc_monetary says'],
];

/** Two equal values of a type whose texts differ, for people; `undefined`: each value has one text. @param type as format_type writes it */
export function severalTexts(type: string): string | undefined {
  return examples.find(([pattern]) => pattern.test(type))?.[1];
}
