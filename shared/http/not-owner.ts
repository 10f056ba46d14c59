import { problem, type Problem } from '#shared/errors/problem.ts';
import { notOwner } from '#shared/postgres/not-owner.ts';

/**
 * `421 Misdirected Request` (RFC 9110, 15.5.20) for a write that Banyan's gate refused, with headers that say who owns the
 * data: the proxy sends the request there, and takes the headers off every answer that it passes on.
 * @returns `undefined` for every other error
 */
export function notOwnerProblem(error: unknown): Problem | undefined {
  const found = notOwner(error);
  if (found === undefined) return undefined;
  const { group, bucket, owner, epoch } = found;
  const detail =
    owner === undefined
      ? 'This data is being handed over and takes no writes at this moment; try again.'
      : `The ${owner} owns this data; send the request there.`;
  return problem(421, 'not-owner', detail, {
    headers: {
      'Banyan-Group': group,
      'Banyan-Bucket': String(bucket),
      'Banyan-Epoch': epoch,
      ...(owner === undefined ? {} : { 'Banyan-Owner': owner }),
    },
    cause: error,
  });
}
