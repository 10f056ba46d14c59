import { isAlias, isScalar, visit, type Document } from 'yaml';
import { messageOf } from '#shared/errors/message.ts';
import { pathOf } from './document-path.ts';
import type { ConfigProblem } from './problem.ts';

/** Aliases may unfold to so many nodes; a few lines of them can stand for billions. */
const maxAliasCount = 100;

/** The document as plain data, or why there is none. */
export function plainData(
  document: Document,
): { readonly data: unknown } | { readonly problem: ConfigProblem } {
  try {
    return { data: document.toJS({ maxAliasCount }) };
  } catch (error) {
    return {
      problem: {
        path: firstAlias(document) ?? [],
        message: `has aliases that cannot be unfolded (${messageOf(error)}); write out what they stand for`,
      },
    };
  }
}

function firstAlias(document: Document): (string | number)[] | undefined {
  let path: (string | number)[] | undefined;
  visit(document, {
    Node(_key, node, ancestors) {
      if (!isAlias(node)) return undefined;
      path = pathOf([...ancestors, node]);
      return visit.BREAK;
    },
  });
  return path;
}

/** zod passes over this name in silence wherever a mapping takes any name. */
export function prototypeNames(document: Document): ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  visit(document, {
    Pair(_key, pair, ancestors) {
      if (!isScalar(pair.key) || pair.key.value !== '__proto__') return;
      problems.push({
        path: pathOf([...ancestors, pair]),
        message: 'must have another name: this one is a built-in name of JavaScript',
      });
    },
  });
  return problems;
}
