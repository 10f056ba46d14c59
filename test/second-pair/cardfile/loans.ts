import { Router } from 'express';
import type { Pool } from 'pg';
import { z } from 'zod';
import { archiveInPath, nameInPath } from '../contract/address.ts';
import { checked, text } from '../contract/entry.ts';
import { fault } from '../contract/faults.ts';
import { bodyOf } from './body.ts';
import { findCard } from './cards.ts';

const loanEntry = z.strictObject({ reader: text(100), due: z.iso.date() });

/** Loans stay with the card file. They need its copy of the documents: a foreign key, and titles in a join. */
export function loanRoutes(pool: Pool): Router {
  const router = Router();

  router.get('/Archives/:archive/Loans', async (request, response) => {
    const lent = await pool.query(
      `select loans.signature as code, heading as title, reader, due_on::text as due
       from loans join cards using (house, signature) where house = $1 order by signature collate "C"`,
      [archiveInPath(request.params.archive)],
    );
    response.json(lent.rows);
  });

  router.put('/Archives/:archive/Loans/:code', async (request, response) => {
    const house = archiveInPath(request.params.archive);
    const signature = nameInPath(request.params.code);
    const { reader, due } = checked(loanEntry, bodyOf(request));
    const card = await findCard(pool, { house, signature });
    if (card === undefined) throw fault('unknown-document');
    if (card.struck) throw fault('document-removed');
    if (card.document.access === 'sealed') throw fault('sealed');
    const lent = await pool.query(
      `insert into loans (house, signature, reader, due_on) values ($1, $2, $3, $4) on conflict do nothing`,
      [house, signature, reader, due],
    );
    if (lent.rowCount !== 1) throw fault('already-lent');
    response.status(201).json({ code: signature, title: card.document.title, reader, due });
  });

  router.delete('/Archives/:archive/Loans/:code', async (request, response) => {
    const key = [archiveInPath(request.params.archive), nameInPath(request.params.code)];
    const returned = await pool.query('delete from loans where house = $1 and signature = $2', key);
    if (returned.rowCount !== 1) throw fault('not-lent');
    response.status(202).end();
  });

  return router;
}
