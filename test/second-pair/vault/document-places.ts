import type { Pool } from 'pg';
import { archiveInPath, documentAddress, nameInPath } from '../contract/address.ts';
import { documentEntry, documentPage, documentSearch, type ArchiveDocument } from '../contract/documents.ts';
import { checked } from '../contract/entry.ts';
import { fault } from '../contract/faults.ts';
import { entityTag, isUnchanged, wantedRevisions } from '../contract/revision.ts';
import { documentsOf, type DocumentStore } from './documents.ts';
import type { Answer, Call, Places } from './router.ts';

const all = '/Archives/:tenant/Documents';

export function documentPlaces(pool: Pool, now: () => Date): Places {
  const storeOf = (call: Call): DocumentStore => documentsOf(pool, archiveInPath(call.parameter('tenant')));
  const named = (call: Call) => ({ documents: storeOf(call), code: nameInPath(call.parameter('code')) });

  return {
    async [`GET ${all}`](call) {
      const tenant = archiveInPath(call.parameter('tenant'));
      const page = checked(documentPage, call.query);
      const found = await documentsOf(pool, tenant).list(page);
      return pageAnswer(found, { tenant, size: page.size });
    },

    async [`POST ${all}/Search`](call) {
      const documents = storeOf(call);
      return { status: 200, json: await documents.search(checked(documentSearch, await call.body())) };
    },

    async [`PUT ${all}/:code`](call) {
      const { documents, code } = named(call);
      const change = { entry: checked(documentEntry, await call.body()), now: now() };
      const wanted = wantedRevisions(call.headers['if-match']);
      const written =
        wanted === undefined
          ? await documents.add(code, change)
          : await documents.replace(code, { ...change, wanted });
      if (written !== undefined) return writtenAnswer(written, wanted === undefined);
      if ((await documents.find(code)) === 'removed') throw fault('document-removed');
      const conditional = wanted !== undefined || call.headers['if-none-match'] !== undefined;
      throw fault(conditional ? 'revision-differs' : 'revision-required');
    },

    async [`GET ${all}/:code`](call) {
      const { documents, code } = named(call);
      const found = await present(documents, code);
      const tag = entityTag(found.revision);
      if (isUnchanged(call.headers, tag)) return { status: 304, headers: { ETag: tag } };
      return { status: 200, headers: { ETag: tag }, json: found };
    },

    async [`DELETE ${all}/:code`](call) {
      const { documents, code } = named(call);
      const condition = wantedRevisions(call.headers['if-match']);
      if (await documents.remove(code, { now: now(), wanted: condition ?? 'any' }))
        return { status: 202, json: { removal: 'accepted', code } };
      const found = await documents.find(code);
      if (found === 'removed') throw fault('document-removed');
      throw fault(condition === undefined ? 'unknown-document' : 'revision-differs');
    },

    async [`GET ${all}/:code/Slip`](call) {
      const { documents, code } = named(call);
      return { status: 200, text: { type: 'text/plain', content: slipOf(await present(documents, code)) } };
    },

    async [`GET ${all}/:code/Current`](call) {
      const { documents, code } = named(call);
      const { archive } = await present(documents, code);
      const current = await documents.successor(code);
      if (current === undefined) throw fault('circular-succession');
      return { status: 303, headers: { Location: documentAddress(archive, current), 'Content-Length': '0' } };
    },
  };
}

async function present(documents: DocumentStore, code: string): Promise<ArchiveDocument> {
  const found = await documents.find(code);
  if (found === 'unknown') throw fault('unknown-document');
  if (found === 'removed') throw fault('document-removed');
  return found;
}

function writtenAnswer(document: ArchiveDocument, isNew: boolean): Answer {
  const headers = { ETag: entityTag(document.revision) };
  if (!isNew) return { status: 200, headers, json: document };
  const Location = documentAddress(document.archive, document.code);
  return { status: 201, headers: { ...headers, Location }, json: document };
}

function pageAnswer(
  found: readonly ArchiveDocument[],
  { tenant, size }: { readonly tenant: string; readonly size: number },
): Answer {
  const last = found[size - 1];
  if (found.length <= size || last === undefined) return { status: 200, json: found };
  const address = `/Archives/${tenant}/Documents?size=${size}&after=${encodeURIComponent(last.code)}`;
  return { status: 200, headers: { Link: `<${address}>; rel="next"` }, json: found.slice(0, size) };
}

function slipOf(document: ArchiveDocument): string {
  const line = (label: string, value: string | number | null): string => `${label.padEnd(10)}${value ?? '-'}`;
  return [
    line('Archive:', document.archive),
    line('Code:', document.code),
    line('Title:', document.title),
    line('Keywords:', document.keywords === null ? null : document.keywords.join(', ')),
    line('Access:', document.access),
    line('Insured:', document.insuredValue),
    line('Revision:', document.revision),
    '',
  ].join('\n');
}
