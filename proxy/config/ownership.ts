import { z } from 'zod';
import { count, duration, secret, size } from './values.ts';

/** `ownership` */
export const ownershipOfProcess = z
  .strictObject({
    holdWithin: duration
      .default(10_000)
      .describe(
        'How long a request is held while its data changes hands; then 503 with Retry-After. Longer than a move may take. Default 10s.',
      ),
    maxHeldBytes: size
      .default(64 * 1_048_576)
      .describe(
        'Request bodies over 64KiB that one process keeps, so that they can be sent to the owner; what does not fit streams, and is told 503 where it met the wrong side. Default 64MiB.',
      ),
    maxHeldRequests: count(1, 1_000_000)
      .default(10_000)
      .describe('Requests that one process holds; more are told 503 at once. Default 10000.'),
    lag: duration
      .default(5_000)
      .describe(
        'How long a caller’s reads go to the owner after its write while nobody says how far the copy is. Longer than the copy ever lags. Default 5s.',
      ),
    versionSecret: secret
      .optional()
      .describe(
        'Signs the cookie and header that tell any proxy of a caller’s last write; the same on every proxy: write ${BANYAN_VERSION_SECRET}. Without it “banyan run” draws one for its workers, anew at each start, and other proxies know nothing of the write.',
      ),
    maxKeys: count(1, 10_000_000)
      .default(100_000)
      .describe('Keys whose last write, and whose bucket, one process remembers. Default 100000.'),
  })
  .prefault({})
  .describe('Requests that meet the wrong side, and reads after one’s own writes.');
