import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** What the suite reads of `docs/api/users.openapi.yaml`, the description that both systems answer by. */
export interface Operation {
  readonly operationId: string;
  /** Upper case. */
  readonly method: string;
  /** Template, e.g. `/users/{id}`. */
  readonly path: string;
  /** Which credentials it takes; `undefined` for none. */
  readonly security: 'accessToken' | 'introspectionKey' | undefined;
  /** JSON pointer of the schema of its body; `undefined` where it has none. */
  readonly requestSchema: string | undefined;
  readonly requestRequired: boolean;
  /** A body that is right. */
  readonly requestExample: unknown;
  readonly responses: ReadonlyMap<number, DeclaredResponse>;
}

export interface DeclaredResponse {
  /** JSON pointer of the schema of each content type; empty where there is no body. */
  readonly contents: ReadonlyMap<string, string>;
  /** JSON pointer of the schema of each required header, by lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** The words that `code` may be; empty where the answer is no problem. */
  readonly codes: readonly string[];
}

type Node = Readonly<Record<string, unknown>>;

const file = fileURLToPath(new URL('../../docs/api/users.openapi.yaml', import.meta.url));

export const document = parse(readFileSync(file, 'utf8')) as Node;

const methods = ['get', 'put', 'post', 'delete', 'patch'];

export const operations: readonly Operation[] = Object.entries(document['paths'] as Node).flatMap(
  ([path, item]) =>
    methods
      .filter((method) => method in (item as Node))
      .map((method) => readOperation(method, path, `/paths/${escaped(path)}/${method}`)),
);

/** The node that a JSON pointer leads to, through any `$ref`; also where that is. */
export function follow(pointer: string): { readonly at: string; readonly node: Node } {
  let node: unknown = document;
  for (const part of pointer.split('/').slice(1)) {
    node = (node as Node)[part.replaceAll('~1', '/').replaceAll('~0', '~')];
  }
  if (typeof node !== 'object' || node === null) throw new Error(`the description has nothing at ${pointer}`);
  const { $ref } = node as Node;
  return typeof $ref === 'string' ? follow($ref.slice(1)) : { at: pointer, node: node as Node };
}

/** The members of an object in the description, each with its pointer. */
export function members(pointer: string): [name: string, at: string][] {
  const { at, node } = follow(pointer);
  return Object.keys(node).map((name) => [name, `${at}/${escaped(name)}`]);
}

function readOperation(method: string, path: string, at: string): Operation {
  const { node } = follow(at);
  const content = 'requestBody' in node ? `${at}/requestBody/content/application~1json` : undefined;
  const [example] = content === undefined ? [] : members(`${content}/examples`);
  return {
    operationId: node['operationId'] as string,
    method: method.toUpperCase(),
    path,
    security: readSecurity(node['security'] ?? document['security']),
    requestSchema: content === undefined ? undefined : `${content}/schema`,
    requestRequired: content !== undefined && follow(`${at}/requestBody`).node['required'] === true,
    requestExample: example === undefined ? undefined : follow(example[1]).node['value'],
    responses: new Map(
      members(`${at}/responses`).map(([status, response]) => [Number(status), readResponse(response)]),
    ),
  };
}

function readResponse(at: string): DeclaredResponse {
  const { at: response, node } = follow(at);
  const contents = 'content' in node ? members(`${response}/content`) : [];
  const headers = 'headers' in node ? members(`${response}/headers`) : [];
  return {
    contents: new Map(contents.map(([type, media]) => [type, `${media}/schema`])),
    headers: new Map(headers.map(([name, header]) => [name.toLowerCase(), `${follow(header).at}/schema`])),
    codes: contents.flatMap(([, media]) => readCodes(follow(`${media}/schema`).node)),
  };
}

function readCodes(schema: Node): string[] {
  const parts = (schema['allOf'] ?? []) as Node[];
  return parts.flatMap((part) => {
    const code = (part['properties'] as Node | undefined)?.['code'] as Node | undefined;
    return code === undefined ? [] : ((code['enum'] ?? [code['const']]) as string[]);
  });
}

function readSecurity(security: unknown): Operation['security'] {
  const [first] = security as Node[];
  return first === undefined ? undefined : (Object.keys(first)[0] as Operation['security']);
}

function escaped(name: string): string {
  return name.replaceAll('~', '~0').replaceAll('/', '~1');
}
