import { operations, type Operation } from './description.ts';
import type { Call, World } from './world.ts';

/** An id that no user has. */
export const unknownId = Number.MAX_SAFE_INTEGER;

/** The address of an operation for one user. */
export function pathFor({ path }: Operation, id: number | string): string {
  return path.replace('{id}', String(id)).replace('{key}', 'theme');
}

/** The credentials and the body that an operation takes; for a user's own, as the admin. */
export function rightCall(world: World, { security, requestSchema, requestExample }: Operation): Call {
  const { adminToken, introspectionKey } = world.system;
  const token = { accessToken: adminToken, introspectionKey, none: undefined }[security ?? 'none'];
  return { token, ...(requestSchema === undefined ? {} : { json: requestExample }) };
}

const rowsOf = (wanted: (operation: Operation) => boolean): [name: string, operation: Operation][] =>
  operations.filter(wanted).map((operation) => [operation.operationId, operation]);

/** For `test.each`: all operations of one kind, by name. */
export const tables = {
  aboutOneUser: rowsOf(({ path }) => path.includes('{id}')),
  withAccessToken: rowsOf(({ security }) => security === 'accessToken'),
  withBody: rowsOf(({ requestSchema }) => requestSchema !== undefined),
};
