import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '#proxy/config/read.ts';
import { startProxyRole } from '#proxy/control/proxy-role.ts';
import type { ShadowSink } from '#proxy/control/shadow-role.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { configText, flagTextOf } from '../proxy/subjects/banyan-full-files.ts';

// The proxy role with every read copied to the new side and compared; `off`: with no copies at all.
const [listen = 0, upstream = 0, other = 0] = process.argv.slice(2, 5).map(Number);
const isOff = process.argv[5] === 'off';
const folder = mkdtempSync(join(tmpdir(), 'banyan-bench-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
process.on('SIGTERM', () => process.exit(0));

const shadow = '{ rate: 1000000, share: 100, noise: 0, timeout: 5s }';
writeFileSync(
  join(folder, 'banyan.yaml'),
  configText({ listen, upstream, other, ...(isOff ? {} : { shadow }) }),
);
// All reads from the old side, so that a new side that fails is met by copies alone.
writeFileSync(join(folder, 'flags.json'), flagTextOf(0));
const seen = { compared: 0, same: 0, skipped: 0 };
const shadowSink: ShadowSink = {
  add({ routes }) {
    for (const { compared, same, skipped } of routes) {
      seen.compared += compared;
      seen.same += same;
      seen.skipped += Object.values(skipped).reduce((sum, count) => sum + count, 0);
    }
  },
};
await startProxyRole(readConfig(join(folder, 'banyan.yaml'), {}), {
  log: createLog({ name: 'bench', level: 'fatal', fd: 2 }),
  shadowSink,
});
// What was really compared, for the bench to look at.
process.on('SIGUSR2', () =>
  writeFileSync(join(tmpdir(), `banyan-bench-${process.pid}.json`), JSON.stringify(seen)),
);
