import type { Config } from '#proxy/config/schema.ts';
import { isFindingId } from '#proxy/shadow/report/finding-id.ts';
import { findingPage, type SideTargets } from '#proxy/shadow/report/finding-page.ts';
import { htmlReport, reportPolicy } from '#proxy/shadow/report/html-report.ts';
import type { FindingReport } from '#proxy/shadow/report/report.types.ts';
import { sinceForm, sinceOf } from '#proxy/shadow/report/since.ts';
import { isStateAway, type ShadowStore } from '#proxy/shadow/report/store.types.ts';
import type { ReportQuery } from '#proxy/shadow/report/totals.types.ts';
import { isProblem, problem } from '#shared/errors/problem.ts';
import { jsonAnswer, notFound, problemAnswer, type Answer, type Asked, type Page } from './admin-page.ts';

/** Findings of shadowing: `/shadow/report`, `/shadow/report.html`, `/shadow/findings.ndjson`, `/shadow/findings/:id`. */
export const shadowPages: Readonly<Record<string, Page>> = {
  '/shadow/report': page(async (store, query) => jsonAnswer(200, await store.report(query))),
  '/shadow/report.html': page(async (store, query) => ({
    status: 200,
    headers: { 'content-security-policy': `${reportPolicy}; frame-ancestors 'none'` },
    body: { type: 'text/html; charset=utf-8', text: htmlReport(await store.report(query)) },
  })),
  '/shadow/findings.ndjson': page(async (store, query) => ({
    status: 200,
    body: { type: 'application/x-ndjson', text: await begun(ndjson(store.findings(query))) },
  })),
};

const findingPath = '/shadow/findings/';

/** The page of a path that carries an id. */
export function shadowPageOf(path: string): Page | undefined {
  return path.startsWith(findingPath) ? one : undefined;
}

/** Where the two sides of a migration are, for commands that send a request again. */
export function sideTargets(config: Config, migration: string): SideTargets | undefined {
  const found = Object.hasOwn(config.migrations, migration) ? config.migrations[migration] : undefined;
  if (found === undefined) return undefined;
  const at = (name: string): { name: string; url: string } => ({
    name,
    url: config.targets[name]?.url ?? '',
  });
  return { monolith: at(found.monolith), service: at(found.service) };
}

const one: Page = {
  open: false,
  answer: ({ shadow }, { path }) =>
    told(async () => {
      if (shadow === undefined) return starting();
      const id = path.slice(findingPath.length);
      const finding = isFindingId(id) ? await shadow.store.finding(id) : undefined;
      if (finding === undefined) return notFound('There is no finding of that id.');
      const targets = sideTargets(shadow.config, finding.migration);
      return jsonAnswer(200, findingPage(finding, { targets, now: Date.now() }));
    }),
};

function page(answer: (store: ShadowStore, query: ReportQuery) => Promise<Answer>): Page {
  return {
    open: false,
    answer: ({ shadow }, asked) =>
      told(async () => (shadow === undefined ? starting() : answer(shadow.store, queryOf(asked)))),
  };
}

function starting(): Answer {
  return problemAnswer(problem(503, 'starting', 'Nothing serves yet; ask again.'));
}

async function told(answer: () => Promise<Answer>): Promise<Answer> {
  try {
    return await answer();
  } catch (error) {
    if (isProblem(error)) return problemAnswer(error);
    if (isStateAway(error)) return problemAnswer(problem(503, 'state-away', error.message));
    throw error;
  }
}

const parameters: ReadonlySet<string> = new Set(['migration', 'route', 'since']);

/** @throws Problem that names what is wrong */
function queryOf({ query }: Asked): ReportQuery {
  const unknown = [...query.keys()].find((name) => !parameters.has(name));
  if (unknown !== undefined)
    throw problem(400, 'wrong-query', 'The parameters are migration, route and since, each once.');
  const since = query.get('since');
  const from = since === null ? undefined : sinceOf(since, Date.now());
  if (since !== null && from === undefined)
    throw problem(400, 'wrong-query', `since must be in the past, as ${sinceForm}.`);
  return {
    migration: query.get('migration') ?? undefined,
    route: query.get('route') ?? undefined,
    since: from,
  };
}

async function* ndjson(findings: AsyncIterable<FindingReport>): AsyncGenerator<string, void> {
  for await (const finding of findings) yield `${JSON.stringify(finding)}\n`;
}

/** With its first part in hand, so that a database that is away is a 503 and no answer that breaks off. */
async function begun(parts: AsyncGenerator<string, void>): Promise<AsyncIterable<string>> {
  const first = await parts.next();
  return (async function* () {
    if (first.done === true) return;
    yield first.value;
    yield* parts;
  })();
}
