/** Text that is HTML already. Nothing but `html` makes one, and `html` escapes whatever is put into it. */
export interface Markup {
  readonly markup: string;
}

type Part = Markup | string | number | undefined | readonly Part[];

/** A template whose parts are escaped, for text and for attributes in double quotes. */
export function html(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  return { markup: texts.reduce((all, text, at) => `${all}${markupOf(parts[at - 1])}${text}`) };
}

/** Only for a constant of this program, e.g. its stylesheet. */
export function trusted(markup: string): Markup {
  return { markup };
}

function markupOf(part: Part): string {
  if (part === undefined) return '';
  if (typeof part === 'string' || typeof part === 'number') return escaped(String(part));
  if ('markup' in part) return part.markup;
  return part.map(markupOf).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

/**
 * Also shows what can't be seen but changes what is: controls, and marks that turn the direction of writing, so that a
 * value from an answer can't pass for another one.
 */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[&<>"'`]/g, (character) => entities[character] ?? character)
    .replaceAll(
      /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
      (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
    );
}
