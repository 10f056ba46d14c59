import { expect, test } from '@jest/globals';
import { operations } from '#test/contract/description.ts';
import type { World } from '#test/contract/world.ts';

/** What a suite that only speaks HTTP cannot bring about on purpose. */
const outOfReach = new Set([
  'internal',
  'database-unavailable',
  'database-busy',
  'request-aborted',
  'not-owner',
]);

export function completenessTests(world: World): void {
  test('every operation has given every answer that the description declares, with every code', () => {
    const declared = operations.flatMap(({ operationId, responses }) =>
      [...responses].flatMap(([status, { codes }]) =>
        codes.length === 0
          ? [`${operationId} ${status}`]
          : codes.filter((code) => !outOfReach.has(code)).map((code) => `${operationId} ${status} ${code}`),
      ),
    );
    const missing = declared.filter((answer) => !world.seen.has(answer) && !needsBody(answer));
    expect(missing).toEqual([]);
  });
}

/** An operation that takes no body is never told that its body is malformed. */
function needsBody(answer: string): boolean {
  const [id] = answer.split(' ');
  const operation = operations.find(({ operationId }) => operationId === id);
  return operation?.requestSchema === undefined && answer.endsWith(' malformed-json');
}
