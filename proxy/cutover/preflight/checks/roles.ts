import type { Check, SideFacts } from '../facts.types.ts';
import { bothSides, foundTables, placeOfTable } from '../found-tables.ts';
import type { Remark } from '../remark.types.ts';

/** Who installs, and who copies. */
export const roleChecks: Check = (facts) =>
  bothSides.flatMap((side) => [
    ...installations(facts.sides[side], facts.plan.migration),
    ...installer(facts.sides[side], facts),
    ...applier(facts.sides[side]),
  ]);

function installations({ side, applier }: SideFacts, migration: string): Remark[] {
  const own = applier.installations.find((one) => one.migration === migration);
  const others = applier.installations.filter(
    (one) => one.migration !== migration && one.applier !== applier.name,
  );
  const remarks = others.map((other): Remark => ({
    side,
    place: 'banyan.installation',
    code: 'other-installation',
    severity: 'error',
    message: `migration ${other.migration} copies into this database as ${other.applier}; the gates let one login pass`,
    remedy: `Name ${other.applier} in url, with its password, or end that migration first: banyan cutover uninstall`,
  }));
  if (own === undefined) {
    return [
      ...remarks,
      {
        side,
        place: 'server',
        code: 'not-installed',
        severity: 'note',
        message: 'has no gate and no capture yet',
        remedy: 'When nothing here is an error any more: banyan cutover install',
      },
    ];
  }
  if (own.side === side) return remarks;
  return [
    ...remarks,
    {
      side,
      place: 'banyan.installation',
      code: 'other-installation',
      severity: 'error',
      message: `belongs to the ${own.side} of this migration`,
      remedy: 'Correct the url, or end what is there first: banyan cutover uninstall',
    },
  ];
}

function installer(
  { side, server: { role }, hasInstallUrl }: SideFacts,
  facts: Parameters<Check>[0],
): Remark[] {
  if (!hasInstallUrl) {
    return [
      {
        side,
        place: 'server',
        code: 'installer-lacks',
        severity: 'warning',
        message: `has no installUrl, so what follows was read as ${role.name}, and nothing can be installed`,
        remedy: `Write migrations.${facts.plan.migration}.data.${side}.installUrl: the role that owns the tables, or a superuser.`,
      },
    ];
  }
  if (role.isSuperuser) return [];
  const lacks: string[] = [];
  if (!role.createRole) lacks.push(`alter role ${role.name} createrole`);
  if (!role.createInDatabase) lacks.push(`grant create on database … to ${role.name}`);
  const foreign = foundTables(facts)
    .filter((found) => found.side === side && found.table.owner !== role.name)
    .map(({ table }) => `alter table ${placeOfTable(table)} owner to ${role.name}`);
  return [...lacks, ...foreign].map((remedy) => ({
    side,
    place: 'server',
    code: 'installer-lacks',
    severity: 'error',
    message: `the role of installUrl, ${role.name}, may not do what installing needs: it makes a schema and two roles, and triggers that are enabled always, which only a table’s owner may`,
    remedy: `${remedy}; or install as a superuser, once`,
  }));
}

function applier({ side, applier: facts }: SideFacts): Remark[] {
  const remarks: Remark[] = [];
  const at = { side, place: `role ${facts.name}` };
  if (facts.isSuperuser || facts.bypassRowSecurity) {
    remarks.push({
      ...at,
      code: 'applier-too-strong',
      severity: 'error',
      message: 'is the role that the copy writes with, and could pass every other barrier too',
      remedy: 'Name a role of its own in url; banyan cutover install makes it with just what it needs.',
    });
  }
  if (facts.owns.length > 0) {
    remarks.push({
      ...at,
      code: 'applier-is-shared',
      severity: 'error',
      message: `owns ${facts.owns.slice(0, 3).join(', ')}${facts.owns.length > 3 ? ' …' : ''}; an application’s role must not be the copy’s, or the gate would let it through`,
      remedy: 'Name a role of its own in url; banyan cutover install makes it.',
    });
  }
  if (facts.otherSessions.length > 0) {
    remarks.push({
      ...at,
      code: 'applier-is-shared',
      severity: 'error',
      message: `is in use by others now (${facts.otherSessions.slice(0, 3).join(', ')}); the gate would let their writes through, uncopied`,
      remedy: 'Name a role of its own in url, and change the password where it was given away.',
    });
  }
  return remarks;
}
