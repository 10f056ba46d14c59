import { dirname, resolve } from 'node:path';
import { isMap, isScalar, isSeq, parseDocument, visit, type Document } from 'yaml';
import type { Config } from '#proxy/config/schema.ts';
import { waitedMigration } from '#proxy/config/waited-migration.ts';

export interface OwnConfigOptions {
  /** Where the text came from: its relative paths are taken from there. */
  readonly file: string;
  /** What the text says of them. */
  readonly migrations: Config['migrations'];
  /** Once the monolith runs in its new release; before that nothing is changed. */
  readonly released?: Released | undefined;
}

export interface Released {
  readonly migration: string;
  /** Where the new release listens, `http://host:port`. */
  readonly monolithUrl: string;
}

const fileFields: ReadonlySet<unknown> = new Set(['certFile', 'keyFile', 'caFile']);

/**
 * A configuration that may lie in another folder. With `released` its monolith is the new release, and no route waits for
 * the copy of that migration any more.
 */
export function ownConfig(text: string, { file, migrations, released }: OwnConfigOptions): string {
  const document = parseDocument(text);
  visit(document, {
    Pair(_key, { key, value }) {
      if (!isScalar(key) || !isScalar(value) || typeof value.value !== 'string') return;
      if (fileFields.has(key.value) && !value.value.startsWith('${'))
        value.value = resolve(dirname(file), value.value);
    },
  });
  if (released !== undefined) release(document, { migrations, released });
  return document.toString({ lineWidth: 0 });
}

function release(
  document: Document,
  { migrations, released }: { readonly migrations: Config['migrations']; readonly released: Released },
): void {
  const { migration, monolithUrl } = released;
  const target = migrations[migration]?.monolith ?? '';
  document.setIn(['targets', target, 'url'], monolithUrl);
  document.deleteIn(['targets', target, 'moreUrls']);
  const staying = document.get('staying');
  if (!isSeq(staying)) return;
  for (const route of staying.items) {
    const waits = isMap(route) ? route.get('waitsFor') : undefined;
    if (!isSeq(waits)) continue;
    waits.items = waits.items.filter(
      (waited) => !isScalar(waited) || waitedMigration(String(waited.value), migrations) !== migration,
    );
  }
  staying.items = staying.items.filter((route) => {
    const waits = isMap(route) ? route.get('waitsFor') : undefined;
    return !isSeq(waits) || waits.items.length > 0;
  });
  if (staying.items.length === 0) document.delete('staying');
}
