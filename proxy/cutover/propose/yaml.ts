import type { Side } from '#flags/stages.ts';
import type { CatalogTable } from '../catalog/catalog.types.ts';
import type { Catalog } from '../catalog/tables.ts';
import { proposeMapping } from './expressions.ts';
import type { Guess, ProposedDataset, ProposedGroup } from './groups.ts';
import type { MatchedTables } from './table-match.ts';

export interface ProposedYaml {
  readonly text: string;
  /** Guesses that are marked UNSURE. */
  readonly unsure: number;
}

/** A `data:` section as text: each guess with its reason, the unsure ones marked. */
export function proposalYaml(
  groups: readonly ProposedGroup[],
  {
    unmatched,
    keyless,
    monolith,
  }: Pick<MatchedTables, 'unmatched' | 'keyless'> & { readonly monolith: Catalog },
): ProposedYaml {
  const lines = [
    '# A draft by `banyan cutover propose`. Read every comment, correct what is marked UNSURE, put it under',
    '# migrations.<name>, then run `banyan check` and `banyan cutover preflight`.',
    'data:',
    '  # url: the role that copies, which `banyan cutover install` makes; installUrl: the tables’ owner or a superuser.',
    "  monolith: { url: '${MONOLITH_COPY_URL}', installUrl: '${MONOLITH_INSTALL_URL}' }",
    "  service: { url: '${SERVICE_COPY_URL}', installUrl: '${SERVICE_INSTALL_URL}' }",
    groups.length === 0 ? '  groups: {}' : '  groups:',
    ...groups.flatMap((group) => indented(4, groupLines(group))),
    ...unmatched.map(
      ({ schema, name }) =>
        `# UNSURE: nothing like the service’s ${schema}.${name} was found in the monolith; add it by hand if it is filled from there.`,
    ),
    ...keyless.map(
      ({ schema, name }) =>
        `# UNSURE: the service’s ${schema}.${name} has no primary key and no unique constraint, so its rows can’t be told apart: give it one on both sides and propose again, or leave it out.`,
    ),
    ...staying(groups, monolith),
  ];
  return {
    text: `${lines.map((line) => line.trimEnd()).join('\n')}\n`,
    unsure: lines.filter((line) => line.includes('# UNSURE')).length,
  };
}

function groupLines({ name, buckets, bucketsReason, datasets }: ProposedGroup): string[] {
  return [
    `${name}:`,
    `  buckets: ${buckets} # ${bucketsReason}`,
    '  datasets:',
    ...datasets.flatMap((dataset) => indented(4, datasetLines(dataset))),
  ];
}

function datasetLines(dataset: ProposedDataset): string[] {
  const { name, match, why } = dataset;
  return [
    ...why.map((guess) => comment(guess)),
    `${name}:`,
    ...indented(2, [
      tableLine(dataset, 'monolith'),
      tableLine(dataset, 'service'),
      'columns:',
      ...match.columns.flatMap((column) => indented(2, columnLines(dataset, column))),
      ...(['monolith', 'service'] as const).flatMap((side) =>
        match[side].columns
          .filter((column) => !match.columns.some((pair) => pair[side] === column))
          .map(({ name: column, notNull, defaultSql, identity }) =>
            comment({
              sure: !notNull || defaultSql !== undefined || identity !== '',
              reason: `the ${side}’s ${column} has no counterpart; copied rows get ${defaultSql ?? (identity === '' ? 'null' : 'its identity')}`,
            }),
          ),
      ),
    ]),
  ];
}

function tableLine({ match, key, partitionKey }: ProposedDataset, side: Side): string {
  const table = match[side];
  const full = table.schema === 'public' ? table.name : `${table.schema}.${table.name}`;
  const list = (names: readonly string[]): string => `[${names.map((name) => scalar(name)).join(', ')}]`;
  return `${side}: { table: ${scalar(full)}, key: ${list(key[side])}, partitionKey: ${list(partitionKey[side])} }`;
}

function columnLines(dataset: ProposedDataset, match: ProposedDataset['match']['columns'][number]): string[] {
  const { monolith, service } = dataset.match;
  const mapping = dataset.partitionKey.service.includes(match.service.name)
    ? { sure: true, reason: undefined }
    : proposeMapping({ match, monolith, service });
  const sure = mapping.sure && match.likeness >= 0.55;
  const reasons = [
    ...(match.likeness < 0.55 ? [`paired by: ${match.reason}`] : []),
    ...(mapping.reason === undefined ? [] : [mapping.reason]),
  ];
  const { toService, toMonolith } = { toService: undefined, toMonolith: undefined, ...mapping };
  const told = reasons.length === 0 ? [] : [comment({ sure, reason: reasons.join('; ') })];
  const names = `monolith: ${scalar(match.monolith.name)}, service: ${scalar(match.service.name)}`;
  if (toService === undefined && toMonolith === undefined) return [...told, `- { ${names} }`];
  return [
    ...told,
    `- monolith: ${scalar(match.monolith.name)}`,
    `  service: ${scalar(match.service.name)}`,
    ...(toService === undefined ? [] : [`  toService: ${scalar(toService)}`]),
    ...(toMonolith === undefined ? [] : [`  toMonolith: ${scalar(toMonolith)}`]),
  ];
}

/** Tables of the monolith that stay and refer to what leaves. */
function staying(groups: readonly ProposedGroup[], { tables }: Catalog): string[] {
  const leaving = new Set<CatalogTable>(
    groups.flatMap(({ datasets }) => datasets.map(({ match }) => match.monolith)),
  );
  return tables
    .filter((table) => !leaving.has(table))
    .flatMap(({ name, foreignKeys }) =>
      foreignKeys
        .filter(({ toSchema, toTable }) =>
          [...leaving].some((left) => left.schema === toSchema && left.name === toTable),
        )
        .map(
          ({ toTable }) =>
            `# ${name} stays and refers to ${toTable}: the copy back must keep what it refers to.`,
        ),
    );
}

function comment({ sure, reason }: Guess): string {
  return `# ${sure ? '' : 'UNSURE: '}${reason}`;
}

function indented(by: number, lines: readonly string[]): string[] {
  return lines.map((line) => `${' '.repeat(by)}${line}`);
}

/** In quotes wherever YAML might read it as something else. */
function scalar(text: string): string {
  return /^[a-z_][a-z\d_.]*$/i.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text)
    ? text
    : `'${text.replaceAll("'", "''").replaceAll('${', '$${')}'`;
}
