import { rmSync } from 'node:fs';

export default async function teardown(): Promise<void> {
  const server = globalThis.banyanTestServer;
  if (server === undefined) return;
  await server.postgres.stop();
  rmSync(server.folder, { recursive: true, force: true });
}
