import type { Check } from '../facts.types.ts';
import { foundTables, placeOfTable } from '../found-tables.ts';
import type { Remark } from '../remark.types.ts';

const events: Readonly<Record<string, string>> = { '2': 'UPDATE', '3': 'INSERT', '4': 'DELETE' };

/** What the applications' own schema does to a write, also to a copied one. */
export const triggerChecks: Check = (facts) =>
  foundTables(facts).flatMap(({ table, side }): Remark[] => {
    const place = placeOfTable(table);
    const applier = facts.sides[side].applier;
    const triggers = table.triggers
      .filter(({ enabled }) => enabled === 'O' || enabled === 'A')
      .map((trigger): Remark => {
        const when = trigger.before
          ? 'may change a copied row before it is stored'
          : 'fires for copied rows as well';
        return {
          side,
          place,
          code: 'trigger',
          severity: trigger.forEachRow ? 'warning' : 'note',
          message: `the application’s trigger ${trigger.name} (${trigger.function}) ${when}: what it does is done on both sides`,
          remedy: `If it writes to a dataset, sends or counts, let it return at once for the copy: if session_user = '${applier.name}' then return coalesce(new, old); end if;`,
        };
      });
    const rules = table.rules.map(({ name, event }): Remark => ({
      side,
      place,
      code: 'rule',
      severity: 'error',
      message: `the rule ${name} rewrites every ${events[event] ?? 'statement'}, also the copy’s`,
      remedy: `Replace it by a trigger, or drop rule ${name} on ${place}.`,
    }));
    return [...triggers, ...rules, ...(table.rowSecurity ? [rowSecurity({ side, place, applier })] : [])];
  });

function rowSecurity({
  side,
  place,
  applier,
}: Pick<Remark, 'side' | 'place'> & { readonly applier: { readonly name: string } }): Remark {
  return {
    side,
    place,
    code: 'row-security',
    severity: 'error',
    message: 'has row-level security: the copy would see, and write, only what a policy lets it',
    remedy: `create policy banyan_copy on ${place} to ${applier.name} using (true) with check (true)`,
  };
}
