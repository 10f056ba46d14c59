import { expect, test } from '@jest/globals';
import type { World } from '#test/contract/world.ts';

export function healthTests(world: World): void {
  test('a system whose database answers is healthy, and says so without a login', async () => {
    const answer = await world.call('GET', '/healthz');
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({ status: 'ok' });
  });
}
