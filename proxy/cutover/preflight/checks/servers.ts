import type { Check, SideFacts } from '../facts.types.ts';
import { bothSides, foundTables } from '../found-tables.ts';
import type { Remark, RemarkCode, Severity } from '../remark.types.ts';

/** The two servers, each alone and beside each other. */
export const serverChecks: Check = (facts) => [
  ...bothSides.flatMap((side) => oneServer(facts.sides[side])),
  ...bothServers(facts),
  ...room(facts),
];

/** Sessions that the copy may hold at once on a side. */
const sessionsWanted = 16;

interface Rule {
  readonly code: RemarkCode;
  readonly severity: Severity;
  readonly holds: (server: SideFacts['server']) => boolean;
  readonly message: (server: SideFacts['server']) => string;
  readonly remedy: string;
}

const rules: readonly Rule[] = [
  {
    code: 'version-too-old',
    severity: 'error',
    holds: ({ version }) => version < 130_000,
    message: ({ versionText }) => `is PostgreSQL ${versionText}; the copy needs 13 or later`,
    remedy: 'Upgrade it; PostgreSQL 12 has had no fixes since November 2024.',
  },
  {
    code: 'in-recovery',
    severity: 'error',
    holds: ({ inRecovery }) => inRecovery,
    message: () => 'is a standby, where nothing can be written',
    remedy: 'Name the primary.',
  },
  {
    code: 'not-durable',
    severity: 'warning',
    holds: ({ settings }) => settings.fsync === 'off' || settings.full_page_writes === 'off',
    message: ({ settings }) =>
      `runs with fsync ${settings.fsync} and full_page_writes ${settings.full_page_writes}: a crash of the machine can lose or tear what was committed, the state of the cutover as well`,
    remedy: 'Turn both on where the data counts.',
  },
  {
    code: 'not-durable',
    severity: 'warning',
    holds: ({ settings }) => settings.synchronous_commit === 'off',
    message: () =>
      'has synchronous_commit off: a crash loses the last commits, also those that were copied already',
    remedy: 'Set synchronous_commit to on.',
  },
  {
    code: 'standby-asynchronous',
    severity: 'warning',
    holds: ({ standbys, settings }) => standbys.length > 0 && settings.synchronous_standby_names === '',
    message: ({ standbys }) =>
      `has ${standbys.length} standby(s) that commits do not wait for (${standbys.map(({ name }) => name).join(', ')}): one that is promoted may have lost a change of owner`,
    remedy: 'Set synchronous_standby_names before a move, for each standby that may be promoted.',
  },
  {
    code: 'connections-scarce',
    severity: 'warning',
    holds: ({ settings, connectionsUsed }) =>
      Number(settings.max_connections) - connectionsUsed < sessionsWanted,
    message: ({ settings, connectionsUsed }) =>
      `has ${connectionsUsed} of ${settings.max_connections} connections in use; the copy may take ${sessionsWanted}`,
    remedy: 'Raise max_connections, or put a pool before the applications.',
  },
];

function oneServer({ side, server }: SideFacts): Remark[] {
  const place = 'server';
  return [
    ...rules
      .filter(({ holds }) => holds(server))
      .map(({ code, severity, message, remedy }): Remark => ({
        side,
        place,
        code,
        severity,
        message: message(server),
        remedy,
      })),
    ...server.longTransactions.map(({ pid, role, application, state, ageSeconds }): Remark => ({
      side,
      place,
      code: 'long-transaction',
      severity: 'warning',
      message: `a transaction has been open for ${ageSeconds} s (process ${pid}, role ${role}, ${application === '' ? 'no application name' : application}, ${state}); installing waits for it, and the outbox keeps all since`,
      remedy: `End it where it began, or: select pg_terminate_backend(${pid})`,
    })),
    ...server.preparedTransactions.map(({ name, ageSeconds }): Remark => ({
      side,
      place,
      code: 'prepared-transaction',
      severity: ageSeconds > 60 ? 'warning' : 'note',
      message: `the prepared transaction ${name} has waited for ${ageSeconds} s for its second phase`,
      remedy: 'Commit or roll it back where it was prepared; a move waits for it and then gives up.',
    })),
  ];
}

function bothServers({ sides: { monolith, service } }: Parameters<Check>[0]): Remark[] {
  const remarks: Remark[] = [];
  const at = { side: undefined, place: 'server' };
  const [one, other] = [monolith.server, service.server];
  if (one.encoding !== other.encoding) {
    remarks.push({
      ...at,
      code: 'encoding-differs',
      severity: one.encoding === 'UTF8' || other.encoding === 'UTF8' ? 'warning' : 'error',
      message: `the monolith’s database is ${one.encoding}, the service’s ${other.encoding}: characters that only one of them has cannot be copied, and digests of other texts differ`,
      remedy:
        'Create the service’s database with the encoding UTF8, and convert the monolith’s if it holds more than ASCII.',
    });
  }
  if (one.collate !== other.collate || one.ctype !== other.ctype) {
    remarks.push({
      ...at,
      code: 'collation-differs',
      severity: 'note',
      message: `the monolith’s database sorts by ${one.collate}, the service’s by ${other.collate}: the copy compares bytes and is not touched, but lists and lower() may differ`,
      remedy: 'Let the two applications name the collation where the order of a list counts.',
    });
  }
  if (one.timeZone !== other.timeZone) {
    remarks.push({
      ...at,
      code: 'type-zone',
      severity: 'note',
      message: `sessions of the monolith’s database are in ${one.timeZone}, of the service’s in ${other.timeZone}; the copy’s own are in UTC`,
      remedy: 'Write the zone into each mapping between timestamp and timestamptz.',
    });
  }
  if (one.hashVector !== other.hashVector) {
    remarks.push({
      ...at,
      code: 'digest-differs',
      severity: 'error',
      message: `PostgreSQL ${one.versionText} and ${other.versionText} hash the same texts differently, so buckets and digests would not agree`,
      remedy: 'Run both sides on the same major version and processor family, in the encoding UTF8.',
    });
  }
  return remarks;
}

/** SQL can't see the disk's free room, so what will be needed is told. */
function room(facts: Parameters<Check>[0]): Remark[] {
  const source = foundTables(facts).filter(({ side }) => side === 'monolith');
  const bytes = source.reduce((sum, { table }) => sum + table.bytes, 0);
  const rows = source.reduce((sum, { table }) => sum + Math.max(table.estimatedRows, 0), 0);
  if (bytes === 0) return [];
  const there = foundTables(facts)
    .filter(({ side }) => side === 'service')
    .reduce((sum, { table }) => sum + table.bytes, 0);
  const wanted = Math.max(bytes - there, 0);
  return [
    {
      side: 'service',
      place: 'server',
      code: 'disk-room',
      severity: 'note',
      message: `${rows > 0 ? `about ${rows.toLocaleString('en')} rows` : 'an unknown number of rows (ANALYZE would tell it)'} in ${sizeText(bytes)} are to be copied; the service’s database has ${sizeText(facts.sides.service.server.databaseBytes)} now and grows by about ${sizeText(wanted)}, and as much again in its log`,
      remedy: 'See that its disk has twice that free.',
    },
  ];
}

export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1);
  const value = bytes / 1_024 ** power;
  return `${value < 10 && power > 0 ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}
