import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { codeOf } from '#shared/errors/code.ts';

const host = '127.0.0.1';
// Below the range from which systems take the port of an outgoing connection (32768 and above, RFC 6335: 49152): while a
// service is down, a connection from its own port number to itself could take the port away from it.
const lowest = 20_000;
const highest = 31_999;
const attempts = 200;

/** Ports for the parts that only we talk to; free at the moment, all different. */
export async function choosePorts(count: number): Promise<number[]> {
  const held: Server[] = [];
  const ports: number[] = [];
  try {
    for (let attempt = 0; ports.length < count; attempt += 1) {
      if (attempt === attempts)
        throw new Error(`no ${count} free ports between ${lowest} and ${highest} were found`);
      const port = randomInt(lowest, highest + 1);
      const server = await hold(port).catch(() => undefined);
      if (server === undefined) continue;
      held.push(server);
      ports.push(port);
    }
  } finally {
    // Held until all are found, so that none is found twice.
    await Promise.all(held.map(release));
  }
  return ports;
}

/**
 * Checks a port that the user has chosen before anything is started; 0 is replaced by a free one.
 * @throws an Error that names the port and the option to change it
 */
export async function usablePort(port: number, option: string): Promise<number> {
  if (port === 0) return (await choosePorts(1))[0] ?? 0;
  try {
    await release(await hold(port));
    return port;
  } catch (cause) {
    const code = codeOf(cause) ?? 'unknown';
    const why = code === 'EADDRINUSE' ? 'is in use by another program' : `cannot be listened on (${code})`;
    throw new Error(
      `port ${port} ${why}: end that program, or choose another with ${option} (0 takes a free one)`,
      {
        cause,
      },
    );
  }
}

async function hold(port: number): Promise<Server> {
  const server = createServer().listen({ host, port, exclusive: true });
  await once(server, 'listening');
  return server;
}

async function release(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
