import type { OwnerFact, OwnershipNews, SeenBucket, WrittenKey } from './ownership.types.ts';

/** Gathers what this process found out, and passes it on in batches. */
export interface NewsBatch {
  owner(fact: OwnerFact): void;
  bucket(seen: SeenBucket): void;
  write(written: WrittenKey): void;
}

/** Short beside what a client needs to come back on another connection, long beside a message. */
const batchMs = 5;
const maxBatch = 1_000;

/** @param send `undefined`: nobody else is to know */
export function newsBatch(send: ((news: OwnershipNews) => void) | undefined): NewsBatch {
  if (send === undefined) return { owner: ignore, bucket: ignore, write: ignore };
  let owners: OwnerFact[] = [];
  let buckets: SeenBucket[] = [];
  let writes: WrittenKey[] = [];
  let timer: NodeJS.Timeout | undefined;
  const flush = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const news: OwnershipNews = { source: 'proxy', owners, buckets, writes };
    [owners, buckets, writes] = [[], [], []];
    send(news);
  };
  const added = (count: number): void => {
    if (count >= maxBatch) flush();
    else timer ??= setTimeout(flush, batchMs).unref();
  };
  return {
    owner: (fact) => added(owners.push(fact)),
    bucket: (seen) => added(buckets.push(seen)),
    write: (written) => added(writes.push(written)),
  };
}

function ignore(): void {}
