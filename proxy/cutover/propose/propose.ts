import type { Client } from 'pg';
import { connectReading } from '../catalog/connect.ts';
import { readCatalog, type Catalog } from '../catalog/tables.ts';
import { proposeGroups } from './groups.ts';
import { matchTables } from './table-match.ts';
import { proposalYaml, type ProposedYaml } from './yaml.ts';

export interface Proposal extends ProposedYaml {
  readonly datasets: number;
  readonly groups: number;
}

/**
 * A first `data:` section from the catalogs of both databases. It reads no rows and writes nothing.
 * @throws an Error that names the database that cannot be reached
 */
export async function propose(urls: {
  readonly monolith: string;
  readonly service: string;
}): Promise<Proposal> {
  const [monolith, service] = await Promise.all([catalogOf(urls.monolith), catalogOf(urls.service)]);
  const { matches, unmatched, keyless } = matchTables(monolith, service);
  const groups = proposeGroups(matches);
  return {
    ...proposalYaml(groups, { unmatched, keyless, monolith }),
    datasets: matches.length,
    groups: groups.length,
  };
}

async function catalogOf(url: string): Promise<Catalog> {
  const client: Client = await connectReading(url);
  try {
    return await readCatalog(client);
  } finally {
    await client.end();
  }
}
