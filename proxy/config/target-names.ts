import type { ConfigProblem } from './problem.ts';
import type { SoundParts } from './sound-parts.ts';

/** @param target a name as it stands in the file; what is no text is told elsewhere */
export function pointsToTarget(
  { targets }: Pick<SoundParts, 'targets'>,
  path: readonly (string | number)[],
  target: unknown,
): ConfigProblem[] {
  if (typeof target !== 'string' || targets === undefined || Object.hasOwn(targets, target)) return [];
  return [{ path, message: `is no target; targets are: ${Object.keys(targets).join(', ') || 'none'}` }];
}
