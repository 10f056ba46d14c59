import { visit, type Document } from 'yaml';
import { pathOf } from './document-path.ts';
import { substitute } from './environment.ts';
import type { ConfigProblem } from './problem.ts';

/** Puts the environment's values into the document's texts. */
export function fillIn(
  document: Document,
  environment: Readonly<Record<string, string | undefined>>,
): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  visit(document, {
    Scalar(key, node, ancestors) {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('${')) return;
      const { text, missing } = substitute(node.value, environment);
      node.value = text;
      for (const name of missing) {
        problems.push({
          path: pathOf([...ancestors, node]),
          message: `needs the environment variable ${name}, which is not set; set it, or write \${${name}:-default}`,
        });
      }
    },
  });
  return problems;
}
