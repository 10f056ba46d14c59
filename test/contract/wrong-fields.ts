import type { Answer } from './world.ts';

/** Where a refused request is wrong, each place once: how many messages there are for one is not in the contract. */
export function wrongFields({ json }: Answer): string[] {
  const errors = json['errors'] as readonly { readonly path: string }[];
  return [...new Set(errors.map(({ path }) => path))];
}
