import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { envoyConfig, nginxConfig } from '../proxy/subjects/native-configs.ts';
import { envoy, nginx } from '../proxy/subjects/native.ts';
import type { Subject } from '../proxy/subjects/subject.ts';
import { faults, type Fault } from './faulty-target.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const script = fileURLToPath(new URL('./banyan-shadow.ts', import.meta.url));

export const names = {
  off: 'Banyan, no copies',
  on: 'Banyan, all compared',
  nginx: 'nginx',
  nginxMirror: 'nginx mirror',
  envoyMirror: 'Envoy mirror',
} as const;

export const faultName = (fault: Fault): string => `Banyan, shadow ${fault}`;

export const nginxMirror: Subject = {
  ...nginx,
  name: names.nginxMirror,
  note: 'each request mirrored to the same upstream; nothing is compared',
  command(ports, folder) {
    const file = join(folder, 'nginx.conf');
    const plain = nginxConfig(ports, folder);
    const mirrored = plain
      .replace('location / {', 'location / {\n      mirror /mirrored;\n      mirror_request_body on;')
      .replace(
        /(\n {4}\}\n {2}\}\n\}\n)$/,
        `
    }
    location = /mirrored {
      internal;
      proxy_pass http://target$request_uri;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $host;
      proxy_set_header X-Request-Id $request_id;$1`,
      );
    writeFileSync(file, mirrored);
    return { file: 'nginx', args: ['-p', folder, '-e', join(folder, 'error.log'), '-c', file] };
  },
};

const plainEnvoy = envoy(root);

export const envoyMirror: Subject = {
  ...plainEnvoy,
  name: names.envoyMirror,
  note: 'request_mirror_policies to the same cluster; nothing is compared',
  command(ports, folder) {
    const command = plainEnvoy.command(ports, folder);
    const text = JSON.stringify(envoyConfig(ports)).replace(
      '"route":{"cluster":"target"}',
      '"route":{"cluster":"target","request_mirror_policies":[{"cluster":"target"}]}',
    );
    writeFileSync(join(folder, 'envoy.json'), text);
    return command;
  },
};

/** @param other port of the new side; `undefined`: the same upstream */
function banyan(
  name: string,
  note: string,
  how: { readonly other?: number; readonly off?: boolean },
): Subject {
  return {
    name,
    kind: 'banyan',
    note,
    version: () => '',
    howToGet: '',
    command: ({ listen, upstream }) => ({
      file: process.execPath,
      args: [
        '--no-deprecation',
        script,
        String(listen),
        String(upstream),
        String(how.other ?? upstream),
        how.off === true ? 'off' : 'on',
      ],
    }),
  };
}

export function shadowSubjects(ports: Readonly<Record<Fault, number>>): readonly Subject[] {
  return [
    banyan(names.on, 'every read copied to the other side, both answers compared', {}),
    banyan(names.off, 'the proxy role without copies', { off: true }),
    nginx,
    nginxMirror,
    envoyMirror,
    ...faults.map((fault) =>
      banyan(faultName(fault), `as above, with a shadow target that ${fault}`, { other: ports[fault] }),
    ),
  ];
}
