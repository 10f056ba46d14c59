import { startMonolith } from '#test/support/monolith.ts';
import { contractSuite } from './suite.ts';

contractSuite({
  name: 'the monolith',
  async start() {
    const monolith = await startMonolith();
    return {
      baseUrl: monolith.url,
      introspectionKey: monolith.introspectionKey,
      adminToken: await monolith.addAdmin(),
      stop: () => monolith.stop(),
    };
  },
});
