import { startUserServiceUnderTest } from '#test/user-service/system.ts';
import { contractSuite } from './suite.ts';

contractSuite({
  name: 'the user-service',
  async start() {
    const system = await startUserServiceUnderTest();
    const { token } = await system.addAdmin();
    return {
      baseUrl: system.url,
      introspectionKey: system.introspectionKey,
      adminToken: token,
      stop: () => system.stop(),
    };
  },
});
