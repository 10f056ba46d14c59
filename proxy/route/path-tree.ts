import findMyWay from 'find-my-way';
import type { Config } from '#proxy/config/schema.ts';
import { asSent, decodable, searchPath } from './search-path.ts';

export interface Found<Value> {
  readonly value: Value;
  readonly parameters: Readonly<Record<string, string | undefined>>;
}

/** A radix tree of methods and paths: searching costs the length of the path, whatever their number. */
export interface PathTree<Value> {
  /** @param match method and path, as in the configuration */
  add(match: string, value: Value): void;
  find(method: string, path: string): Found<Value> | undefined;
}

export function pathTree<Value>({ caseSensitive, ignoreTrailingSlash }: Config['routing']): PathTree<Value> {
  const tree = findMyWay({
    caseSensitive,
    ignoreTrailingSlash,
    // The default of 100 would send a long key to the default target; the plane bounds the target as a whole.
    maxParamLength: 65_536,
  });
  return {
    add(match, value) {
      const space = match.indexOf(' ');
      tree.on(match.slice(0, space) as never, match.slice(space + 1), () => undefined, value);
    },
    find(method, path) {
      const known = path.includes('%') ? decodable(path) : path;
      const searched = caseSensitive ? known : searchPath(known);
      const found = tree.find(method as never, searched);
      if (found === null) return undefined;
      const parameters = searched === known ? found.params : asSent(found.params);
      return { value: found.store as Value, parameters };
    },
  };
}
