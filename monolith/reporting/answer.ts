import type { Request, Response } from 'express';
import { currency } from '#monolith/money.ts';
import { csv, type CsvCell } from './csv.ts';
import type { Period } from './period.ts';

export interface Report<Item> {
  /** Name of the CSV file, without the period. */
  readonly name: string;
  readonly period: Period;
  readonly items: readonly Item[];
  /** Where the report comes in pages. */
  readonly nextCursor?: string | null;
  /** The CSV's columns, in order. */
  readonly columns: readonly (keyof Item & string)[];
}

/** Sends a report as JSON, or as CSV with `?format=csv` or where the caller's `Accept` prefers `text/csv`. */
export function sendReport<Item extends object>(
  { request, response }: { readonly request: Request; readonly response: Response },
  report: Report<Item>,
): void {
  const { name, period, items, nextCursor, columns } = report;
  response.vary('Accept');
  if (!wantsCsv(request)) {
    const paging = nextCursor === undefined ? {} : { nextCursor };
    response.json({ ...period, currency, items, ...paging });
    return;
  }
  if (typeof nextCursor === 'string') response.links({ next: nextPage(request, nextCursor) });
  const rows = items.map((item) => columns.map((column) => item[column] as CsvCell));
  response.type('text/csv').attachment(`${name}-${period.from}-${period.to}.csv`).send(csv(columns, rows));
}

function wantsCsv(request: Request): boolean {
  const { format } = request.query;
  if (format !== undefined) return format === 'csv';
  return request.accepts(['application/json', 'text/csv']) === 'text/csv';
}

/** A CSV body has no place for a cursor: the next page stands in the Link header (RFC 8288). */
function nextPage(request: Request, cursor: string): string {
  const url = new URL(request.originalUrl, 'http://reports');
  url.searchParams.set('cursor', cursor);
  url.searchParams.set('format', 'csv');
  return `${url.pathname}${url.search}`;
}
