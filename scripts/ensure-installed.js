// Runs before every npm script that needs the dependencies (`prestart`, `pretest`, …), on whatever Node >= 18 the
// machine has: installs exactly what package-lock.json says, once, and makes sure that Node 24 is then in charge.
// Plain JavaScript with no dependency, since nothing may be installed yet.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.banyan-installed');
const lockFolder = join(root, '.install-lock');
const minimumMajor = 24;
const waitLimitMs = 10 * 60_000;
const graceMs = 2_000;

/** What the tree was installed from: a change of lock file, platform or architecture means a new install. */
function wantedStamp() {
  return createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .update(`\0${process.platform}\0${process.arch}`)
    .digest('hex');
}

function isInstalled() {
  return existsSync(stampFile) && readFileSync(stampFile, 'utf8') === wantedStamp();
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** mkdir is atomic: of two installs at once, one works and the other waits. A lock whose owner died is taken over. */
async function takeLock() {
  const deadline = Date.now() + waitLimitMs;
  for (;;) {
    try {
      mkdirSync(lockFolder);
      writeFileSync(join(lockFolder, 'pid'), String(process.pid));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
    if (isStale()) removeStale();
    if (Date.now() > deadline)
      fail(`another install has held ${lockFolder} for 10 minutes; end it or delete that folder`);
  }
}

/** Whether the lock's owner is dead. One without a pid was made just now, or its owner died at once. */
function isStale() {
  try {
    const file = join(lockFolder, 'pid');
    if (existsSync(file)) return !isAlive(Number(readFileSync(file, 'utf8')));
    return Date.now() - statSync(lockFolder).mtimeMs > graceMs;
  } catch {
    // Released meanwhile: there is nothing to remove.
    return false;
  }
}

/** Only one at a time may remove, and looks again: or the second to see a dead owner would remove the first one's lock. */
function removeStale() {
  const guard = `${lockFolder}-removal`;
  try {
    mkdirSync(guard);
  } catch {
    if (existsSync(guard) && Date.now() - statSync(guard).mtimeMs > graceMs)
      rmSync(guard, { recursive: true, force: true });
    return;
  }
  try {
    if (isStale()) rmSync(lockFolder, { recursive: true, force: true });
  } finally {
    rmSync(guard, { recursive: true, force: true });
  }
}

function fail(message) {
  console.error(`banyan: ${message}`);
  process.exit(1);
}

function install() {
  console.error('banyan: installing dependencies (once; about 20 s, 450 MB) …');
  rmSync(stampFile, { force: true });
  const npm = process.env.npm_execpath;
  const flags = ['ci', '--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  // npm's own JavaScript is run with this Node; without npm_execpath (a direct call) the npm on PATH must do.
  const run = npm
    ? spawnSync(process.execPath, [npm, ...flags], { cwd: root, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', flags, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (run.status !== 0)
    fail('npm ci failed (its message is above); mend that and run the same command again');
  writeFileSync(stampFile, wantedStamp());
}

/** A failed optional download exits 0 and would leave an old Node in charge, so the version is asked, not assumed. */
function checkRuntime() {
  const pinned = join(modules, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
  const command = existsSync(pinned) ? pinned : 'node';
  const asked = spawnSync(command, ['--version'], { encoding: 'utf8', shell: process.platform === 'win32' });
  const version = (asked.stdout ?? '').trim();
  const major = Number(/^v(\d+)\./.exec(version)?.[1] ?? 0);
  if (major < minimumMajor) {
    fail(
      `needs Node ${minimumMajor} or newer, found ${version || 'none'} (${command}). ` +
        `npm brings one for Linux, macOS and Windows; here it did not arrive: run "npm ci" again with the network on, ` +
        `or put Node ${minimumMajor} first on PATH.`,
    );
  }
}

if (!isInstalled()) {
  await takeLock();
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  process.once('exit', () => rmSync(lockFolder, { recursive: true, force: true }));
  if (!isInstalled()) install();
}
checkRuntime();
