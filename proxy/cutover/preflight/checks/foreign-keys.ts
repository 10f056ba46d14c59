import type { Side } from '#flags/stages.ts';
import type { CatalogForeignKey } from '#proxy/cutover/catalog/catalog.types.ts';
import type { DatasetPlan } from '#proxy/cutover/plan.types.ts';
import type { Check, PreflightFacts } from '../facts.types.ts';
import { bothSides, datasetOf } from '../found-tables.ts';
import type { Remark } from '../remark.types.ts';

interface Reference {
  readonly side: Side;
  readonly key: CatalogForeignKey;
  /** Dataset that refers, and dataset that is referred to; `undefined`: a table that stays. */
  readonly child: DatasetPlan | undefined;
  readonly parent: DatasetPlan | undefined;
}

/** Foreign keys: within a group they fix what comes first; across groups and to tables that stay they say what must hold. */
export const foreignKeyChecks: Check = (facts) =>
  references(facts).flatMap((reference) => {
    const { child, parent } = reference;
    if (child === undefined) return fromOutside(reference);
    if (parent === undefined) return toOutside(reference);
    if (child.group !== parent.group) return acrossGroups(reference);
    return withinGroup(reference, facts);
  });

function references(facts: PreflightFacts): Reference[] {
  return bothSides.flatMap((side) =>
    facts.sides[side].catalog.tables
      .flatMap(({ foreignKeys }) => foreignKeys)
      .map((key) => ({
        side,
        key,
        child: datasetOf(facts, { side, schema: key.fromSchema, table: key.fromTable }),
        parent: datasetOf(facts, { side, schema: key.toSchema, table: key.toTable }),
      }))
      .filter(({ child, parent }) => child !== undefined || parent !== undefined),
  );
}

function withinGroup({ side, key, child, parent }: Reference, { datasets }: PreflightFacts): Remark[] {
  if (child === undefined || parent === undefined || child === parent) return [];
  if (datasets.indexOf(parent) < datasets.indexOf(child)) return [];
  return [
    {
      side,
      place: from(key),
      code: 'foreign-key-sequence',
      severity: 'error',
      message: `dataset ${child.name} refers to ${parent.name} and stands before it; rows would come before what they refer to`,
      remedy: `List ${parent.name} before ${child.name} in group ${child.group}.`,
    },
  ];
}

function acrossGroups({ side, key, child, parent }: Reference): Remark[] {
  const names = `${child?.group} refers to group ${parent?.group}`;
  if (cascades(key)) {
    return [
      {
        side,
        place: from(key),
        code: 'cascade-across',
        severity: 'error',
        message: `group ${names} with ${cascadeText(key)}: a write to the one would write the other, which may have another owner`,
        remedy: 'Put both datasets into one group, or drop the cascade.',
      },
    ];
  }
  return [
    {
      side,
      place: from(key),
      code: 'foreign-key-across-groups',
      severity: 'error',
      message: `group ${names}: the two are copied and moved apart from each other, so a row may come before what it refers to`,
      remedy: 'Put both datasets into one group, or drop the foreign key on the side that receives the copy.',
    },
  ];
}

/** A dataset refers to a table that is not copied. */
function toOutside({ side, key, child }: Reference): Remark[] {
  const remarks: Remark[] = [
    {
      side,
      place: from(key),
      code: 'foreign-key-to-outside',
      severity: 'warning',
      message: `dataset ${child?.name} refers to ${to(key)}, which is not copied; a copied row whose ${to(key)} is not here would be parked`,
      remedy: `Make ${to(key)} a dataset of group ${child?.group}, or keep its rows here by other means.`,
    },
  ];
  if (cascades(key)) {
    remarks.push({
      side,
      place: from(key),
      code: 'cascade-from-outside',
      severity: 'warning',
      message: `a write to ${to(key)} writes dataset ${child?.name} by ${cascadeText(key)}; it fails where this side is not owner`,
      remedy: `Make ${to(key)} a dataset of group ${child?.group}, or let the application delete the rows at the owner first.`,
    });
  }
  return remarks;
}

/** A table that stays refers to a dataset: the copy back must keep what it refers to. */
function fromOutside({ side, key, parent }: Reference): Remark[] {
  if (cascades(key)) {
    return [
      {
        side,
        place: from(key),
        code: 'cascade-from-outside',
        severity: 'warning',
        message: `${table(key)} is not copied and follows dataset ${parent?.name} by ${cascadeText(key)}: a delete or change that was made on the other side takes its rows along when it is applied here`,
        remedy:
          'Decide whether that is right when the other side is owner; else make it restrict, and delete them yourself.',
      },
    ];
  }
  return [
    {
      side,
      place: from(key),
      code: 'foreign-key-from-outside',
      severity: 'note',
      message: `${table(key)} stays and refers to dataset ${parent?.name}: its writes wait for the copy, and a delete on the other side that it forbids would be parked here`,
      remedy: `The other side must not delete rows of ${parent?.name} that ${table(key)} may still refer to; mark them as closed instead.`,
    },
  ];
}

function cascades({ onDelete, onUpdate }: CatalogForeignKey): boolean {
  return /^(cascade|set)/.test(onDelete) || /^(cascade|set)/.test(onUpdate);
}

function cascadeText({ onDelete, onUpdate }: CatalogForeignKey): string {
  return [`on delete ${onDelete}`, `on update ${onUpdate}`]
    .filter((text) => !/(no action|restrict)$/.test(text))
    .join(' and ');
}

function table({ fromSchema, fromTable }: CatalogForeignKey): string {
  return `${fromSchema}.${fromTable}`;
}

function from(key: CatalogForeignKey): string {
  return `${table(key)}.${key.fromColumns.join('+')}`;
}

function to({ toSchema, toTable }: CatalogForeignKey): string {
  return `${toSchema}.${toTable}`;
}
