import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Kind, Subject } from './subject.ts';

const fileOf = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
export const peersFolder: string = fileOf('../peers');

interface Script {
  readonly name: string;
  readonly kind: Kind;
  readonly note: string;
  readonly script: string;
  readonly version: () => string | undefined;
}

export const banyanFull: Subject = ofScript({
  name: 'Banyan',
  kind: 'banyan',
  note:
    'the proxy role: 3 routes, 3 flags from a file with half of the keys on each side, counters and histograms, admin ' +
    'port; traceparent carried through, 1 % of them sampled (the proxy makes no spans of its own yet)',
  script: './banyan-full.ts',
  version: ownVersion,
});

export const banyanPlain: Subject = ofScript({
  name: 'Banyan (plain)',
  kind: 'banyan',
  note: 'the data plane alone: a constant decision, nothing counted',
  script: './banyan-plain.ts',
  version: ownVersion,
});

export const nodePeers: readonly Subject[] = [
  peer('http-proxy', 'keep-alive agent, xfwd'),
  peer('http-proxy-3', 'keep-alive agent, xfwd'),
  peer('httpxy', 'keep-alive agent, xfwd'),
  peer('fast-proxy', 'its undici way, on node:http'),
  peer('@fastify/http-proxy', 'on fastify, undici without a limit of connections', 'fastify-http-proxy'),
  ofScript({
    name: 'node:http + undici',
    kind: 'node',
    note: 'written by hand for this bench (peers/node-undici.ts)',
    script: '../peers/node-undici.ts',
    version: () => versionIn('undici') ?? versionAt(fileOf('../../../../node_modules/undici/package.json')),
  }),
];

function peer(name: string, note: string, script: string = name): Subject {
  return ofScript({
    name,
    kind: 'node',
    note,
    script: `../peers/${script}.ts`,
    version: () => versionIn(name),
  });
}

function ofScript({ name, kind, note, script, version }: Script): Subject {
  const file = fileOf(script);
  return {
    name,
    kind,
    note,
    version,
    howToGet: 'npm ci --prefix test/load/proxy/peers (the bench does it when the registry answers)',
    command: ({ listen, upstream }) => ({
      file: process.execPath,
      args: ['--no-deprecation', file, String(listen), String(upstream)],
    }),
  };
}

function ownVersion(): string | undefined {
  return versionAt(fileOf('../../../../package.json'));
}

function versionIn(name: string): string | undefined {
  return versionAt(`${peersFolder}/node_modules/${name}/package.json`);
}

function versionAt(file: string): string | undefined {
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version?: string }).version;
}
