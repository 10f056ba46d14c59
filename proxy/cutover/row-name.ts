import { printable } from '#shared/errors/printable.ts';

const plain = /^[^\s,"()]+$/u;

/** A key as people read it: `(north, S.1)`; what is empty or might be misread stands in quotes. */
export function rowName(key: readonly (string | undefined)[], names?: readonly string[]): string {
  const parts = key.map((value, index) => {
    const name = names?.[index];
    const shown =
      value === undefined ? 'null' : plain.test(value) ? value : `"${value.replaceAll('"', '""')}"`;
    return printable(name === undefined ? shown : `${name} ${shown}`);
  });
  return `(${parts.join(', ')})`;
}
