import type { Client } from 'pg';
import type { Side } from '#flags/stages.ts';
import { messageOf } from '#shared/errors/message.ts';
import type { CatalogTable } from '#proxy/cutover/catalog/catalog.types.ts';
import { otherSide } from '#proxy/cutover/plan.ts';
import type { DatasetPlan } from '#proxy/cutover/plan.types.ts';
import { foundTables, placeOfTable } from '../found-tables.ts';
import type { PreflightFacts } from '../facts.types.ts';
import type { Remark, RemarkCode } from '../remark.types.ts';
import { arriveRows, storedAs, type ArrivedRow } from './arrive.ts';
import { sampleRows, type SampledRow, type Text } from './read.ts';

export interface ThereAndBack {
  readonly remarks: readonly Remark[];
  readonly rowsTried: number;
}

/** Rows whose cast fails are looked for one by one, at most so many, since every one is a statement. */
const failuresLookedAt = 5;

/** Takes real rows of each side through the mapping and back, and tells the first row of each column that changes. */
export async function thereAndBack(facts: PreflightFacts, rows: number): Promise<ThereAndBack> {
  const remarks: Remark[] = [];
  let rowsTried = 0;
  for (const { dataset, side, table } of foundTables(facts)) {
    const other = facts.sides[otherSide(side)].catalog.find(dataset.tables[otherSide(side)]);
    if (other === undefined) continue;
    const trial = { dataset, from: side, table, other, clients: clientsOf(facts, side) };
    const sampled = await readSample(trial, rows);
    if ('remarks' in sampled) {
      remarks.push(...sampled.remarks);
      continue;
    }
    rowsTried += sampled.rows.length;
    remarks.push(...(await tryRows(trial, sampled.rows)));
  }
  return { remarks, rowsTried };
}

interface Trial {
  readonly dataset: DatasetPlan;
  readonly from: Side;
  readonly table: CatalogTable;
  readonly other: CatalogTable;
  readonly clients: { readonly here: Client; readonly there: Client };
}

function clientsOf({ sides }: PreflightFacts, side: Side): Trial['clients'] {
  return { here: sides[side].client, there: sides[otherSide(side)].client };
}

async function readSample(
  { dataset, from, table, clients }: Trial,
  rows: number,
): Promise<{ readonly rows: SampledRow[] } | { readonly remarks: Remark[] }> {
  const estimated = Math.max(table.estimatedRows, table.bytes / 1_000);
  try {
    return { rows: await sampleRows(clients.here, { dataset, side: from, rows, estimated }) };
  } catch (error) {
    const said = messageOf(error);
    // Told already, by name, and one missing column spoils the whole statement.
    const known = new Set(table.columns.map(({ name }) => name));
    const misses = dataset.columns.some((column) => column[from] !== undefined && !known.has(column[from]));
    if (misses) return { remarks: [] };
    return {
      remarks: [
        {
          side: from,
          place: placeOfTable(table),
          code: 'mapping-fails',
          severity: 'error',
          message: `PostgreSQL refuses to read dataset ${dataset.name} through its mapping or filter: ${said}`,
          remedy: `Correct the ${from === 'monolith' ? 'toService' : 'toMonolith'} expression or the filter; they may use this side’s columns that the dataset names, and no others.`,
        },
      ],
    };
  }
}

async function tryRows(trial: Trial, rows: readonly SampledRow[]): Promise<Remark[]> {
  const remarks: Remark[] = [];
  if (rows.length === 0) {
    remarks.push({
      side: trial.from,
      place: placeOfTable(trial.table),
      code: 'sample-empty',
      severity: trial.from === 'monolith' ? 'warning' : 'note',
      message: 'has no rows, so its mapping was looked through, and not tried',
      remedy: 'Run pre-flight again when there are rows like those to come.',
    });
  }
  let arrived: ArrivedRow[];
  try {
    arrived = await arriveRows(trial.clients.there, arriving(trial, rows));
  } catch (error) {
    return [...remarks, ...(await failures(trial, { rows, said: messageOf(error) }))];
  }
  const told = new Set<string>();
  for (const [index, row] of rows.entries()) {
    const there = arrived[index];
    if (there === undefined) continue;
    for (const remark of await oneRow(trial, { row, there })) {
      const once = `${remark.code} ${remark.place}`;
      if (told.has(once)) continue;
      told.add(once);
      remarks.push(remark);
    }
  }
  return remarks;
}

function arriving({ dataset, from, other }: Trial, rows: readonly SampledRow[]) {
  return { dataset, from, table: other, rows };
}

/** The whole failed, so single rows are tried, to be able to name one. */
async function failures(
  trial: Trial,
  { rows, said }: { readonly rows: readonly SampledRow[]; readonly said: string },
): Promise<Remark[]> {
  const remark = (message: string): Remark => ({
    side: trial.from,
    place: placeOfTable(trial.table),
    code: 'mapping-fails',
    severity: 'error',
    message,
    remedy: `Correct the mapping of dataset ${trial.dataset.name}: every text that it yields must be one that the other side’s column takes.`,
  });
  let suspects = rows;
  while (suspects.length > failuresLookedAt) {
    const half = suspects.slice(0, Math.ceil(suspects.length / 2));
    const fails = await arriveRows(trial.clients.there, arriving(trial, half)).then(
      () => false,
      () => true,
    );
    suspects = fails ? half : suspects.slice(half.length);
  }
  for (const row of suspects) {
    try {
      await arriveRows(trial.clients.there, arriving(trial, [row]));
    } catch (error) {
      return [remark(`row ${keyText(trial, row)} cannot be stored on the other side: ${messageOf(error)}`)];
    }
  }
  return [remark(`the other side refuses dataset ${trial.dataset.name}: ${said}`)];
}

async function oneRow(
  trial: Trial,
  { row, there }: { readonly row: SampledRow; readonly there: ArrivedRow },
): Promise<Remark[]> {
  const { from, table, other, dataset } = trial;
  const remarks: Remark[] = [];
  const say = (code: RemarkCode, told: Pick<Remark, 'severity' | 'place' | 'message' | 'remedy'>): void =>
    void remarks.push({ side: from, code, ...told });
  const where = `row ${keyText(trial, row)}`;
  for (const [column, back] of Object.entries(there.back)) {
    const was = row.own[column];
    if (back === was) continue;
    const type = table.columns.find(({ name }) => name === column)?.type ?? 'text';
    const stored = await storedAs(trial.clients.here, { type, was, back });
    if (stored === 'same') continue;
    const isSame = stored === 'equal';
    say(isSame ? 'mapping-changes-text' : 'mapping-not-invertible', {
      severity: isSame ? 'warning' : 'error',
      place: placeOfTable(table, column),
      message: isSame
        ? `${where} has ${shown(was)} and comes back as ${shown(back)}, the same value in another text`
        : `${where} has ${shown(was)} and comes back as ${shown(back)}`,
      remedy: isSame
        ? `Bring the text into one form in the expressions of dataset ${dataset.name}, e.g. trim_scale(…) for numeric.`
        : `Correct toService or toMonolith of dataset ${dataset.name} so that the one undoes the other for every value.`,
    });
  }
  if (row.partition !== there.partition) {
    say('partition-text-differs', {
      severity: 'error',
      place: placeOfTable(table),
      message: `the partition key of ${where} is written ${shown(row.partition)} here and ${shown(there.partition)} on the other side, so it would lie in two buckets`,
      remedy: 'Give the partition key’s columns types with the same text form on both sides.',
    });
  }
  for (const name of there.refusedBy) {
    say('mapping-breaks-check', {
      severity: 'error',
      place: placeOfTable(table),
      message: `${where} would be refused on the other side by the check ${name} of ${placeOfTable(other)}`,
      remedy: 'Correct the row, the mapping or the check.',
    });
  }
  for (const column of there.nulls) {
    say('mapping-breaks-not-null', {
      severity: 'error',
      place: placeOfTable(table),
      message: `${where} gives null for ${placeOfTable(other, column)}, which is not null`,
      remedy: 'Correct the row, or let the mapping give a value: coalesce(…).',
    });
  }
  return remarks;
}

function keyText({ dataset, from }: Trial, { key }: SampledRow): string {
  const { key: names } = dataset.tables[from];
  return `(${names.map((name, index) => `${name} ${key[index] ?? 'null'}`).join(', ')})`.slice(0, 160);
}

/** Values may be personal: only their beginning is told. */
function shown(text: Text): string {
  if (text === undefined) return 'null';
  return text.length > 24 ? `"${text.slice(0, 24)}…"` : `"${text}"`;
}
