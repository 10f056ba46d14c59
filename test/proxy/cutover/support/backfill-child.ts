import { startBackfill } from '#proxy/cutover/backfill/backfill.ts';
import { createLog } from '#shared/telemetry/log.ts';

// A process of its own that copies a plan, so that it can be killed.
await startBackfill({
  plan: JSON.parse(process.env['BACKFILL_PLAN'] ?? '') as Parameters<typeof startBackfill>[0]['plan'],
  to: 'service',
  log: createLog({ name: 'backfill', level: 'silent' }),
  signal: new AbortController().signal,
  settings: { chunkRows: Number(process.env['BACKFILL_ROWS']) },
  onProgress: ({ rows }) => void process.stdout.write(`${rows}\n`),
});
