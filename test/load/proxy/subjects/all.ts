import { fileURLToPath } from 'node:url';
import { envoy, haproxy, nginx } from './native.ts';
import { banyanFull, banyanPlain, nodePeers } from './node-subjects.ts';
import type { Subject } from './subject.ts';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

export const noProxy: Subject = {
  name: '(no proxy)',
  kind: 'none',
  note: 'the load side asking its own upstream: more than this cannot be seen here',
  version: () => '',
  howToGet: '',
  command: () => ({ file: '', args: [] }),
};

/** All rows of the table, in their order. */
export const allSubjects: readonly Subject[] = [
  banyanFull,
  banyanPlain,
  nginx,
  haproxy,
  envoy(root),
  ...nodePeers,
  noProxy,
];
