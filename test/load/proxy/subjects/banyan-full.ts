import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '#proxy/config/read.ts';
import { startProxy } from '#proxy/control/proxy-process.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { configText, flagText } from './banyan-full-files.ts';

// The proxy role as `banyan proxy` runs it: routing table, flags from a file, counters and histograms, admin port.
const [listen = 0, upstream = 0] = process.argv.slice(2, 4).map(Number);
const folder = mkdtempSync(join(tmpdir(), 'banyan-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.on('SIGTERM', () => process.exit(0));

writeFileSync(join(folder, 'banyan.yaml'), configText({ listen, upstream }));
writeFileSync(join(folder, 'flags.json'), flagText);
await startProxy(
  readConfig(join(folder, 'banyan.yaml'), {}),
  createLog({ name: 'bench', level: 'warn', fd: 2 }),
);
