/** `${NAME}` and `${NAME:-default}` in the texts of the configuration; `$${` stands for a plain `${`. */
const reference = /\$\$\{|\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/g;

export interface Substituted {
  readonly text: string;
  /** Variables that have no value and no default. */
  readonly missing: readonly string[];
}

export function substitute(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
): Substituted {
  const missing: string[] = [];
  const replaced = text.replaceAll(
    reference,
    (_match, name: string | undefined, fallback: string | undefined) => {
      if (name === undefined) return '${';
      const value = environment[name];
      if (value !== undefined && value !== '') return value;
      if (fallback === undefined) missing.push(name);
      return fallback ?? '';
    },
  );
  return { text: replaced, missing };
}
