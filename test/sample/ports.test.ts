import { expect, test } from '@jest/globals';
import { serve } from '#shared/http/serve.ts';
import { choosePorts, usablePort } from '#sample/ports.ts';

test('chosen ports are different and lie below those of outgoing connections', async () => {
  const ports = await choosePorts(20);
  expect(new Set(ports).size).toBe(20);
  for (const port of ports) {
    expect(port).toBeGreaterThanOrEqual(20_000);
    expect(port).toBeLessThan(32_768);
  }
});

test('a port in use is told with the option to change it; a free one and 0 will do', async () => {
  const served = await serve((_request, response) => response.end(), { name: 'the double' });
  await expect(usablePort(served.port, '--port')).rejects.toThrow(
    `port ${served.port} is in use by another program: end that program, or choose another with --port`,
  );
  await served.close();
  const [free = 0] = await choosePorts(1);
  expect(await usablePort(free, '--port')).toBe(free);
  expect(await usablePort(0, '--port')).toBeGreaterThan(0);
});
