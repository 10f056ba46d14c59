import { Router } from 'express';
import type { Pool } from 'pg';
import { archiveInPath, documentAddress, nameInPath, queryOf } from '../contract/address.ts';
import { documentEntry, documentPage, documentSearch, type ArchiveDocument } from '../contract/documents.ts';
import { checked } from '../contract/entry.ts';
import { fault } from '../contract/faults.ts';
import { entityTag, isUnchanged, wantedRevisions } from '../contract/revision.ts';
import { bodyOf } from './body.ts';
import * as cards from './cards.ts';

const place = '/Archives/:archive/Documents';

/** The documents that leave. */
export function cardRoutes(pool: Pool, now: () => Date): Router {
  const router = Router();

  router.get(place, async (request, response) => {
    const house = archiveInPath(request.params.archive);
    const page = checked(documentPage, queryOf(request.url));
    const found = await cards.listCards(pool, house, page);
    const items = found.slice(0, page.size);
    const last = items.at(-1);
    if (found.length > items.length && last !== undefined) {
      const next = `/Archives/${house}/Documents?size=${page.size}&after=${encodeURIComponent(last.code)}`;
      response.set('Link', `<${next}>; rel="next"`);
    }
    response.json(items);
  });

  router.post(`${place}/Search`, async (request, response) => {
    const house = archiveInPath(request.params.archive);
    response.json(await cards.searchCards(pool, house, checked(documentSearch, bodyOf(request))));
  });

  router.put(`${place}/:code`, async (request, response) => {
    const key = keyOf(request.params);
    const change = { entry: checked(documentEntry, bodyOf(request)), now: now() };
    const wanted = wantedRevisions(request.get('if-match'));
    if (wanted !== undefined) {
      const rewritten = await cards.rewriteCard(pool, key, { ...change, wanted });
      if (rewritten === undefined) throw await refusal(pool, key);
      response.set('ETag', entityTag(rewritten.revision)).json(rewritten);
      return;
    }
    const filed = await cards.fileCard(pool, key, change);
    if (filed === undefined) {
      const found = await cards.findCard(pool, key);
      if (found?.struck === true) throw fault('document-removed');
      throw fault(request.get('if-none-match') === undefined ? 'revision-required' : 'revision-differs');
    }
    response.status(201).set('ETag', entityTag(filed.revision));
    response.set('Location', documentAddress(filed.archive, filed.code)).json(filed);
  });

  router.get(`${place}/:code`, async (request, response) => {
    const found = await present(pool, keyOf(request.params));
    const tag = entityTag(found.revision);
    response.set('ETag', tag);
    if (isUnchanged(request.headers, tag)) response.status(304).end();
    else response.json(found);
  });

  router.delete(`${place}/:code`, async (request, response) => {
    const key = keyOf(request.params);
    const condition = wantedRevisions(request.get('if-match'));
    if (!(await cards.strikeCard(pool, key, { now: now(), wanted: condition ?? 'any' })))
      throw condition === undefined ? await absence(pool, key) : await refusal(pool, key);
    response.status(202).json({ removal: 'accepted', code: key.signature });
  });

  router.get(`${place}/:code/Slip`, async (request, response) => {
    const card = await present(pool, keyOf(request.params));
    response.type('text/plain').send(slip(card));
  });

  router.get(`${place}/:code/Current`, async (request, response) => {
    const { archive, code } = await present(pool, keyOf(request.params));
    const current = await cards.currentCard(pool, { house: archive, signature: code });
    if (current === undefined) throw fault('circular-succession');
    response.set({ Location: documentAddress(archive, current), 'Content-Length': '0' });
    response.status(303).end();
  });

  return router;
}

function keyOf(parameters: { readonly archive: string; readonly code: string }): cards.CardKey {
  return { house: archiveInPath(parameters.archive), signature: nameInPath(parameters.code) };
}

async function present(pool: Pool, key: cards.CardKey): Promise<ArchiveDocument> {
  const found = await cards.findCard(pool, key);
  if (found === undefined) throw fault('unknown-document');
  if (found.struck) throw fault('document-removed');
  return found.document;
}

/** Why nothing was there to change. */
async function absence(pool: Pool, key: cards.CardKey): Promise<Error> {
  const found = await cards.findCard(pool, key);
  return fault(found === undefined ? 'unknown-document' : 'document-removed');
}

/** Why nothing fitted the condition. */
async function refusal(pool: Pool, key: cards.CardKey): Promise<Error> {
  const found = await cards.findCard(pool, key);
  return fault(found?.struck === true ? 'document-removed' : 'revision-differs');
}

function slip(card: ArchiveDocument): string {
  const lines = [
    ['Archive', card.archive],
    ['Code', card.code],
    ['Title', card.title],
    ['Keywords', card.keywords?.join(', ') ?? null],
    ['Access', card.access],
    ['Insured', card.insuredValue],
    ['Revision', String(card.revision)],
  ] as const;
  return lines.map(([label, value]) => `${`${label}:`.padEnd(10)}${value ?? '-'}\n`).join('');
}
