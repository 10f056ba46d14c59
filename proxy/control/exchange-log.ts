import type { ExchangeReport } from '#proxy/http/seam.ts';
import type { Config } from '#proxy/config/schema.ts';
import type { Logger } from '#shared/telemetry/log.ts';

type Logging = Config['log']['requests'];

/** A client can fail as often as it likes: beyond this many lines a second the rest is only counted. */
const linesPerSecond = 100;

/**
 * Logs ended exchanges: those that failed, or all. A line holds method, route, target, status and times; never the query,
 * a header or a body, where secrets are.
 */
export function exchangeLog(
  which: Logging,
  log: Logger,
  now: () => number = () => performance.now(),
): (report: ExchangeReport) => void {
  let second = -1;
  let dropped = 0;
  const lines = { debug: 0, info: 0, warn: 0 };
  // A budget for each level, so that neither good requests nor what clients do wrong can silence an upstream's failures.
  const mayWrite = (level: keyof typeof lines): boolean => {
    const current = Math.floor(now() / 1_000);
    if (current !== second) {
      if (dropped > 0) log.warn({ dropped }, 'request log lines were left out');
      second = current;
      dropped = 0;
      Object.assign(lines, { debug: 0, info: 0, warn: 0 });
    }
    lines[level] += 1;
    if (lines[level] > linesPerSecond) dropped += 1;
    return lines[level] <= linesPerSecond;
  };
  return (report) => {
    const failed = report.failure !== undefined || report.status >= 500;
    if (which === 'none' || (which === 'failed' && !failed)) return;
    // What a client does wrong, or the client's leaving, is no fault of ours or of the upstream's.
    const byClient = report.failure?.startsWith('client-') ?? false;
    const level = !failed ? 'info' : byClient ? 'debug' : 'warn';
    if (log.isLevelEnabled(level) && mayWrite(level)) log[level](lineOf(report), 'request');
  };
}

function lineOf({ head, decision, status, failure, durationMs }: ExchangeReport): Record<string, unknown> {
  return {
    requestId: head.id,
    method: head.method,
    path: head.path.slice(0, 200),
    route: decision?.route,
    target: decision?.upstream,
    reason: decision?.reason,
    status,
    failure,
    ms: Math.round(durationMs * 10) / 10,
  };
}
