import { Client } from 'pg';
import { hashPassword, passwordCosts } from '#shared/credentials/password.ts';
import { messageOf } from '#shared/errors/message.ts';
import { monolithPeople } from './monolith-people.ts';
import type { IdRange, SeedInput, Statement } from './people.ts';
import { seededPassword, seededPasswordCost, type Population } from './population.ts';
import { createProgress, type Progress } from './progress.ts';
import { lastReservation, orders, products } from './shop.ts';

export interface SeedOptions {
  /** A database with its schema and no rows, as a superuser. */
  readonly monolithUrl: string;
  readonly population: Population;
  /** 0-2^31-1 */
  readonly seed: number;
  /** "Now" of the seeded data. */
  readonly asOf: Date;
  /** Called after each chunk, at most a few times a second. */
  readonly onProgress?: (progress: Progress) => void;
}

const rowsInChunk = 20_000;

/**
 * Fills the monolith's database with what `population` says. Set-based SQL in
 * chunks; 12 million users take some minutes.
 * @throws an Error that names the side whose statement failed; what was committed until then stays
 */
export async function seedMonolith(options: SeedOptions): Promise<void> {
  const { population, seed, asOf, onProgress = () => undefined } = options;
  const input = {
    seed,
    asOf,
    passwordHash: await hashPassword(seededPassword, passwordCosts[seededPasswordCost]),
    population,
  };
  const progress = createProgress(population.users + population.products + population.orders, onProgress);
  await onSide('monolith', options.monolithUrl, async (client) => {
    const fill = filler(client, input, progress);
    await fill(population.users, monolithPeople);
    await fill(population.products, products);
    await fill(population.orders, orders);
    await moveSequences(client, {
      'users.id': population.users,
      'products.id': population.products,
      'orders.id': population.orders,
      'reservations.id': lastReservation(population),
    });
  });
}

type Input = SeedInput & { readonly population: Population };

function filler(client: Client, input: Input, progress: (rows: number) => void) {
  return async (rows: number, statement: (range: IdRange, input: Input) => Statement): Promise<void> => {
    for (let first = 1; first <= rows; first += rowsInChunk) {
      const last = Math.min(rows, first + rowsInChunk - 1);
      const { text, values } = statement({ first, last }, input);
      await client.query(text, [...values]);
      progress(last - first + 1);
    }
  };
}

async function onSide(name: string, url: string, work: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    // Foreign keys hold by construction, so their triggers need not look each row up; flushing once at the end is enough,
    // since a seed that was cut off is made anew.
    await client.query(
      "set session_replication_role = replica; set synchronous_commit = off; set timezone = 'UTC'",
    );
    await work(client);
    await client.query('analyze; set synchronous_commit = on; checkpoint');
  } catch (cause) {
    throw new Error(`seeding the ${name} failed: ${messageOf(cause)}`, {
      cause,
    });
  } finally {
    await client.end();
  }
}

/** The next row that the application makes must get an id beyond the seeded ones. */
async function moveSequences(client: Client, beyond: Readonly<Record<string, number>>): Promise<void> {
  for (const [place, last] of Object.entries(beyond)) {
    const [table = '', column = ''] = place.split('.');
    await client.query('select setval(pg_get_serial_sequence($1, $2), $3)', [table, column, last]);
  }
}
