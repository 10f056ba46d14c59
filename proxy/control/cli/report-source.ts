import type { Config } from '#proxy/config/schema.ts';
import { findingPage } from '#proxy/shadow/report/finding-page.ts';
import { openShadowStore } from '#proxy/shadow/report/open-store.ts';
import type { ShadowReport } from '#proxy/shadow/report/report.types.ts';
import type { FindingPage } from '#proxy/shadow/report/terminal-finding.ts';
import type { ReportQuery } from '#proxy/shadow/report/totals.types.ts';
import { messageOf } from '#shared/errors/message.ts';
import { printable } from '#shared/errors/printable.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { sideTargets } from '../shadow-pages.ts';

/** Where `banyan diff` takes its figures from. */
export interface ReportSource {
  report(query: ReportQuery): Promise<ShadowReport>;
  /** One JSON text a finding, with its line end; some may come together. */
  ndjson(query: ReportQuery): AsyncIterable<string>;
  finding(id: string): Promise<FindingPage | undefined>;
  close(): Promise<void>;
}

export interface AdminSource {
  /** `http://host:port` */
  readonly url: string;
  readonly token: string | undefined;
}

const answerWithinMs = 60_000;

/** Asks a running proxy. @throws an Error that says what to do where it does not answer, or refuses */
export function adminSource({ url, token }: AdminSource): ReportSource {
  const ask = async (path: string, query: ReportQuery): Promise<Response> => {
    const asked = new URL(path, url);
    for (const name of ['migration', 'route'] as const)
      if (query[name] !== undefined) asked.searchParams.set(name, query[name]);
    if (query.since !== undefined) asked.searchParams.set('since', new Date(query.since).toISOString());
    try {
      return await fetch(asked, {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        signal: AbortSignal.timeout(answerWithinMs),
        redirect: 'error',
      });
    } catch (cause) {
      const why =
        Error.isError(cause) && cause.cause !== undefined ? messageOf(cause.cause) : messageOf(cause);
      throw new Error(
        `no proxy answers at ${url} (${why === '' ? 'unknown' : why}): start one, name its admin port with --admin, or read the database with --from-state`,
        { cause },
      );
    }
  };
  const good = async (answer: Response): Promise<Response> => {
    if (answer.ok) return answer;
    throw new Error(`${url} answers ${answer.status}: ${await refusalOf(answer)}`);
  };
  return {
    async report(query) {
      return (await (await good(await ask('/shadow/report', query))).json()) as ShadowReport;
    },
    async *ndjson(query) {
      const { body } = await good(await ask('/shadow/findings.ndjson', query));
      if (body !== null) yield* body.pipeThrough(new TextDecoderStream());
    },
    async finding(id) {
      const answer = await ask(`/shadow/findings/${id}`, {});
      if (answer.status === 404) return undefined;
      return (await (await good(answer)).json()) as FindingPage;
    },
    close: async () => undefined,
  };
}

async function refusalOf(answer: Response): Promise<string> {
  if (answer.status === 401) return 'set BANYAN_ADMIN_TOKEN, or admin.token in the configuration';
  try {
    const { detail } = (await answer.json()) as { detail?: unknown };
    return typeof detail === 'string' ? printable(detail) : 'without a reason';
  } catch {
    return 'that is no admin port of Banyan';
  }
}

/** Reads the state database itself, without any proxy. */
export async function stateSource(config: Config, url: string): Promise<ReportSource> {
  const store = await openShadowStore({
    url,
    retention: config.shadow.retention,
    log: createLog({ name: 'banyan', level: 'silent', fd: 2 }),
  });
  return {
    report: (query) => store.report(query),
    async *ndjson(query) {
      for await (const finding of store.findings(query)) yield `${JSON.stringify(finding)}\n`;
    },
    async finding(id) {
      const finding = await store.finding(id);
      return (
        finding && findingPage(finding, { targets: sideTargets(config, finding.migration), now: Date.now() })
      );
    },
    close: () => store.close(),
  };
}
