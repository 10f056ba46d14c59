import { describe } from '@jest/globals';
import { stageTable, type Stage } from '#flags/stages.ts';
import { contractSuite } from '#test/contract/suite.ts';
import { startSampleMigration } from '#test/support/sample-migration.ts';

describe.each<{ stage: Stage; percent: number }>([
  { stage: 'off', percent: 0 },
  { stage: 'shadow', percent: 0 },
  { stage: 'shadow', percent: 50 },
  { stage: 'shadow', percent: 100 },
  { stage: 'complete', percent: 100 },
])('at stage $stage with $percent % of the reads at the service', ({ stage, percent }) => {
  contractSuite({
    name: 'the proxy',
    async start() {
      const sample = await startSampleMigration();
      // The side that takes the writes must know the admin; while that is the monolith, the mirror tells the service.
      const owner = stageTable[stage].writes === 'monolith' ? sample.monolith : sample.service;
      const admin = await owner.addAdmin();
      await sample.set({ stage, percent });
      return {
        baseUrl: sample.proxy.url,
        introspectionKey: sample.monolith.introspectionKey,
        adminToken: typeof admin === 'string' ? admin : admin.token,
        stop: () => sample.stop(),
      };
    },
  });
});
