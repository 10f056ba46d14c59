import { isCollection } from 'yaml';

/** Where a node of the document stands: its names and indices, from the top. */
export function pathOf(ancestors: readonly unknown[]): (string | number)[] {
  const path: (string | number)[] = [];
  for (const [index, node] of ancestors.entries()) {
    const child = ancestors[index + 1];
    if (!isCollection(node)) continue;
    const at = node.items.indexOf(child as never);
    if (at === -1) continue;
    const item: unknown = node.items[at];
    path.push(typeof item === 'object' && item !== null && 'key' in item ? String(item.key) : at);
  }
  return path;
}
