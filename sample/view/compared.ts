import { percent, whole } from '#proxy/shadow/report/words.ts';
import type { ShadowModel } from '#sample/shadow-look.ts';

/** `12,345 pairs (99.8 %), none differs`; with what differs, as many as are `shown`. */
export function comparedText(shadow: ShadowModel | undefined, shown = 2): string {
  if (shadow === undefined || shadow.compared === 0) return 'no pair of answers yet';
  const { eligible, compared, different, differences } = shadow;
  const covered = compared >= eligible ? '' : ` (${percent(compared / eligible)})`;
  return `${whole(compared)} pairs${covered}, ${differText(different, differences, shown)}`;
}

function differText(different: number, differences: readonly string[], shown: number): string {
  if (different === 0) return 'none differs';
  if (differences.length === 0) return `${whole(different)} differ, not sure yet`;
  const more = differences.length > shown ? ` and ${whole(differences.length - shown)} more` : '';
  return `${whole(different)} differ: ${differences.slice(0, shown).join(', ')}${more}`;
}
