import { expect, test } from '@jest/globals';
import { createMonolith } from '#monolith/app.ts';
import { createLog } from '#shared/telemetry/log.ts';
import { describedRoutes } from './description.ts';

interface Layer {
  readonly route?: { readonly path: string; readonly methods: Readonly<Record<string, boolean>> };
  readonly handle?: { readonly stack?: readonly Layer[] };
}

test('every route of the app is described, and every described one is there', async () => {
  // Nothing connects before the first request.
  const monolith = createMonolith({
    databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
    introspectionKey: 'a-key-for-introspection',
    log: createLog({ name: 'test', level: 'silent' }),
  });
  const { stack } = (monolith.listener as unknown as { router: { stack: Layer[] } }).router;
  const described = ['monolith.openapi.yaml', 'users.openapi.yaml'].flatMap(describedRoutes);
  expect(routesOf(stack).toSorted()).toEqual(described.toSorted());
  await monolith.close();
});

/** Routers are mounted at the root, so the paths of their routes are whole. */
function routesOf(layers: readonly Layer[]): string[] {
  return layers.flatMap(({ route, handle }) => [
    ...Object.keys(route?.methods ?? {}).map(
      (method) => `${method.toUpperCase()} ${route?.path.replaceAll(/:(\w+)/g, '{$1}')}`,
    ),
    ...routesOf(handle?.stack ?? []),
  ]);
}
