import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Installs the Node peers into their own ignored folder, once for each version of their lock file.
 * @returns what went wrong, for the person at the terminal; `undefined` when they are there
 */
export function installPeers(folder: string): string | undefined {
  const wanted = readFileSync(join(folder, 'package-lock.json'), 'utf8');
  const stamp = join(folder, 'node_modules', '.installed-from');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return undefined;
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel', 'error', '--ignore-scripts'];
  const run = spawnSync('npm', ['ci', '--prefix', folder, ...quiet], {
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    shell: process.platform === 'win32',
    timeout: 120_000,
  });
  if (run.status === 0) {
    writeFileSync(stamp, wanted);
    return undefined;
  }
  const said = run.error?.message ?? run.stderr.trim().split('\n').slice(0, 3).join('\n');
  return `the Node peers could not be installed (offline?), so they are left out:\n${said}`;
}
