import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Other people's proxies that judge the bytes we send. */
export const peerNames = ['nginx', 'haproxy'] as const;
export type PeerName = (typeof peerNames)[number];

const debianPackages: Record<PeerName, string> = { nginx: 'nginx-light', haproxy: 'haproxy' };
const startAttempts = 5;
const patienceMs = 10_000;

/**
 * Forwards all it gets to `upstreamPort`, adds nothing, drops no header for its name, repeats no request and keeps
 * its connections on both sides.
 */
const configurations: Record<PeerName, (ports: { listen: number; upstream: number }) => string> = {
  nginx: ({ listen, upstream }) => `
daemon off;
master_process off;
pid nginx.pid;
error_log stderr warn;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  underscores_in_headers on;
  ignore_invalid_headers off;
  client_max_body_size 0;
  keepalive_requests 1000000;
  upstream behind { server 127.0.0.1:${upstream} max_fails=0; keepalive 8; }
  server {
    listen 127.0.0.1:${listen};
    location / {
      proxy_pass http://behind;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_request_buffering off;
      proxy_next_upstream off;
      proxy_redirect off;
    }
  }
}
`,
  haproxy: ({ listen, upstream }) => `
global
  nbthread 1
defaults
  mode http
  retries 0
  timeout connect 5s
  timeout client 30s
  timeout server 30s
listen all
  bind 127.0.0.1:${listen}
  server behind 127.0.0.1:${upstream}
`,
};

const argumentsOf: Record<PeerName, (folder: string, file: string) => string[]> = {
  nginx: (folder, file) => ['-p', folder, '-c', file, '-e', 'stderr'],
  haproxy: (_folder, file) => ['-db', '-f', file],
};

/** Path of the program, on PATH or where Debian puts it; `undefined` where it is not installed. */
export function findPeer(name: PeerName): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

/** One line for whoever runs the tests: what is skipped without the program, and how to get it. */
export function missingPeer(name: PeerName): string {
  return `SKIPPED: ${name} is not installed, so nothing here tells what it makes of our bytes. On Debian: apt-get install ${debianPackages[name]} (or sh scripts/install-test-peers.sh)\n`;
}

export interface RunningPeer {
  readonly port: number;
  /** What it wrote to stderr. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts the program on a free port of loopback, in a folder of its own. @throws Error with its log when it does not start */
export async function startPeer(name: PeerName, upstreamPort: number): Promise<RunningPeer> {
  const program = findPeer(name);
  if (program === undefined) throw new Error(missingPeer(name));
  const folder = await mkdtemp(join(tmpdir(), `banyan-${name}-`));
  let log = '';
  for (let attempt = 0; attempt < startAttempts; attempt += 1) {
    // The port may be taken by someone else before the program has it; then it ends, and another one is tried.
    const port = await freePort();
    const file = join(folder, 'peer.conf');
    await writeFile(file, configurations[name]({ listen: port, upstream: upstreamPort }));
    const child = spawn(program, argumentsOf[name](folder, file), {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    child.stderr.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-10_000)));
    const exited = once(child, 'close');
    if (await listens(child, port)) {
      return {
        port,
        log: () => log,
        async stop() {
          child.kill('SIGTERM');
          await exited;
          await rm(folder, { recursive: true, force: true });
        },
      };
    }
    child.kill('SIGKILL');
    await exited;
  }
  await rm(folder, { recursive: true, force: true });
  throw new Error(`${name} did not start: ${log}`);
}

async function listens(child: ChildProcess, port: number): Promise<boolean> {
  for (const until = Date.now() + patienceMs; child.exitCode === null && Date.now() < until;) {
    const socket = connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return child.exitCode === null;
    } catch {
      await delay(20);
    } finally {
      socket.destroy();
    }
  }
  return false;
}

async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
