import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { createRequire } from 'node:module';
import type { FormatsPlugin } from 'ajv-formats';
import { document, operations, type DeclaredResponse, type Operation } from './description.ts';

/** One request and its answer, as they were on the wire. */
export interface Exchange {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly requestBody: string | undefined;
  readonly status: number;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

// CommonJS whose default export TypeScript and Node see differently.
const addFormats = createRequire(import.meta.url)('ajv-formats') as FormatsPlugin;
const ajv = new Ajv2020({ allErrors: true, strictTypes: false });
addFormats(ajv);
ajv.addVocabulary(Object.keys(document));
ajv.addSchema(document, 'users');
const compiled = new Map<string, ValidateFunction>();

/** What is wrong with a value by the schema at a JSON pointer; empty when nothing is. */
export function schemaFaults(pointer: string, value: unknown): string[] {
  let validate = compiled.get(pointer);
  if (validate === undefined) {
    validate = ajv.compile({ $ref: `users#${encodeURI(pointer).replaceAll('#', '%23')}` });
    compiled.set(pointer, validate);
  }
  if (validate(value)) return [];
  return (validate.errors ?? []).map(
    (error) => `${error.instancePath || '(whole)'} ${error.message ?? error.keyword}`,
  );
}

/** The operation that a request asks for; HEAD asks for that of GET. */
export function operationOf(method: string, path: string): Operation | undefined {
  const wanted = method === 'HEAD' ? 'GET' : method;
  return operations.find((operation) => operation.method === wanted && matches(operation.path, path));
}

/** Everything in an exchange that the description does not allow. */
export function faultsOf(exchange: Exchange): string[] {
  const operation = operationOf(exchange.method, exchange.path);
  const general = generalFaults(exchange);
  if (exchange.method === 'OPTIONS') return general;
  if (operation === undefined) return [...general, ...undescribedFaults(exchange)];
  const declared = operation.responses.get(exchange.status);
  if (declared === undefined) return [`${operation.operationId} does not declare ${exchange.status}`];
  return [
    ...general,
    ...headerFaults(declared, exchange),
    ...bodyFaults(declared, exchange),
    ...requestFaults(operation, exchange),
  ];
}

function generalFaults({ headers }: Exchange): string[] {
  return [
    ...(headers['cache-control'] === 'no-store' ? [] : ['Cache-Control is not no-store']),
    ...(headers['etag'] === undefined ? [] : ['there is an ETag']),
  ];
}

function undescribedFaults({ status, body }: Exchange): string[] {
  const code = status === 404 && body !== '' ? (JSON.parse(body) as { code?: unknown }).code : undefined;
  return code === 'not-found' || (status === 404 && body === '') ? [] : [`${status} is not 404 not-found`];
}

function headerFaults(declared: DeclaredResponse, { headers }: Exchange): string[] {
  return [...declared.headers].flatMap(([name, schema]) => {
    const value = headers[name];
    if (typeof value !== 'string') return [`${name} is missing, or there more than once`];
    return schemaFaults(schema, value).map((fault) => `${name}: ${fault}`);
  });
}

function bodyFaults({ contents }: DeclaredResponse, { method, headers, body }: Exchange): string[] {
  const [declared] = contents;
  if (declared === undefined) return body === '' ? [] : ['there is a body'];
  const [type, schema] = declared;
  const sent = String(headers['content-type']);
  if (!new Set([type, `${type}; charset=utf-8`]).has(sent)) return [`Content-Type is ${sent}`];
  if (method === 'HEAD') return body === '' ? [] : ['there is a body'];
  return schemaFaults(schema, JSON.parse(body));
}

/** A description that refuses what the systems take would be wrong as well. */
function requestFaults(
  { requestSchema, requestRequired }: Operation,
  { status, requestBody }: Exchange,
): string[] {
  if (status >= 300 || requestSchema === undefined) return [];
  if (requestBody === undefined) return requestRequired ? ['request was taken without its body'] : [];
  return schemaFaults(requestSchema, JSON.parse(requestBody)).map(
    (fault) => `request was taken, but ${fault}`,
  );
}

function matches(template: string, path: string): boolean {
  const wanted = template.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length &&
    wanted.every((part, at) => (part.startsWith('{') ? given[at] !== '' : part === given[at]))
  );
}
