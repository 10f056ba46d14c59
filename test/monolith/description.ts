import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import type { FormatsPlugin } from 'ajv-formats';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

type Node = Readonly<Record<string, unknown>>;

/** One request and its answer. */
export interface Exchange {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly requestBody: unknown;
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** `GET /orders/{id}` … of one file in `docs/api/`, by its OpenAPI description. */
export function describedRoutes(file: string): string[] {
  const { paths } = readDescription(file);
  return Object.entries(paths as Record<string, Node>).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((key) => methods.has(key))
      .map((method) => `${method.toUpperCase()} ${path}`),
  );
}

/** Everything in an exchange that `docs/api/monolith.openapi.yaml` does not allow. */
export function faultsOf(exchange: Exchange): string[] {
  const at = operationAt(exchange.method, exchange.path);
  if (at === undefined) return [];
  const response = `${at}/responses/${exchange.status}`;
  if (lookUp(response) === undefined) return [`${exchange.status} is not described`];
  return [
    ...headerFaults(response, exchange),
    ...bodyFaults(response, exchange),
    ...requestFaults(at, exchange),
  ];
}

const methods = new Set(['get', 'put', 'post', 'patch', 'delete']);
const document = readDescription('monolith.openapi.yaml');
const addFormats = createRequire(import.meta.url)('ajv-formats') as FormatsPlugin;
const ajv = new Ajv2020({ allErrors: true, strictTypes: false });
addFormats(ajv);
ajv.addVocabulary(Object.keys(document));
ajv.addSchema(document, 'monolith');
const compiled = new Map<string, ValidateFunction>();

function readDescription(file: string): Node {
  return parse(
    readFileSync(fileURLToPath(new URL(`../../docs/api/${file}`, import.meta.url)), 'utf8'),
  ) as Node;
}

function operationAt(method: string, path: string): string | undefined {
  const parts = path.split('/');
  const template = Object.keys(document['paths'] as Node).find((candidate) => {
    const wanted = candidate.split('/');
    return (
      wanted.length === parts.length && wanted.every((part, n) => part.startsWith('{') || part === parts[n])
    );
  });
  if (template === undefined) return undefined;
  const at = `/paths/${template.replaceAll('/', '~1')}/${method.toLowerCase()}`;
  return lookUp(at) === undefined ? undefined : at;
}

/** The node at a JSON pointer, through any `$ref`. */
function lookUp(pointer: string): Node | undefined {
  let node: unknown = document;
  for (const part of pointer.split('/').slice(1)) {
    node = (node as Node | undefined)?.[part.replaceAll('~1', '/')];
    const $ref = (node as Node | undefined)?.['$ref'];
    if (typeof $ref === 'string') node = lookUp($ref.slice(1));
  }
  return node as Node | undefined;
}

function headerFaults(response: string, { headers }: Exchange): string[] {
  const declared = Object.entries((lookUp(`${response}/headers`) ?? {}) as Record<string, Node>);
  return declared.flatMap(([name]) => {
    const schema = lookUp(`${response}/headers/${name}/schema`);
    return faults(schema, headers[name.toLowerCase()]).map((fault) => `header ${name}: ${fault}`);
  });
}

function bodyFaults(response: string, { headers, text }: Exchange): string[] {
  const content = lookUp(`${response}/content`);
  if (content === undefined) return text === '' ? [] : ['there is a body'];
  const type = String(headers['content-type']).replace('; charset=utf-8', '');
  const media = content[type] as Node | undefined;
  if (media === undefined) return [`${type} is not described`];
  return faults(media['schema'] as Node, type === 'text/csv' ? text : JSON.parse(text));
}

/** A description that refuses what the monolith takes would be wrong as well. */
function requestFaults(at: string, { status, requestBody }: Exchange): string[] {
  const schema = lookUp(`${at}/requestBody/content/application~1json/schema`);
  if (schema === undefined || status >= 300 || requestBody === undefined) return [];
  return faults(schema, requestBody).map((fault) => `request was taken, but ${fault}`);
}

function faults(schema: Node | undefined, value: unknown): string[] {
  if (schema === undefined) return ['there is no schema'];
  const key = JSON.stringify(schema);
  let validate = compiled.get(key);
  if (validate === undefined) {
    validate = ajv.compile(absolute(schema));
    compiled.set(key, validate);
  }
  if (validate(value)) return [];
  return (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? error.keyword}`);
}

/** The same schema with its references into this document made to stand alone. */
function absolute(schema: Node): Node {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"monolith#/')) as Node;
}
