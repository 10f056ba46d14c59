import { fileURLToPath } from 'node:url';
import { readConfig } from '#proxy/config/read.ts';
import { cutoverPlans } from '#proxy/cutover/plan.ts';
import type { CutoverPlan } from '#proxy/cutover/plan.types.ts';
import { applierUrl, type PairUrls } from '#test/proxy/cutover/support/applier.ts';

/** What the sample's own banyan.yaml copies, between two test databases. */
export function sampleDataPlan({ monolith, service }: PairUrls): CutoverPlan {
  const file = fileURLToPath(new URL('../../banyan.yaml', import.meta.url));
  const [plan] = cutoverPlans(
    readConfig(file, {
      MONOLITH_COPY_URL: applierUrl(monolith),
      MONOLITH_INSTALL_URL: monolith,
      USER_SERVICE_COPY_URL: applierUrl(service),
      USER_SERVICE_INSTALL_URL: service,
    }),
  );
  if (plan === undefined) throw new Error('banyan.yaml has no data');
  return plan;
}
