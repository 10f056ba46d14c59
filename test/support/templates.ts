/** Environment variable that hands the run's PostgreSQL from the global setup to the test files. */
export const testServerVariable = 'BANYAN_TEST_POSTGRES';

/** Template databases and the folder of numbered SQL files that each is made from. */
export const templates = {
  monolith: 'monolith/schema',
  user_service: 'user-service/schema',
  second_old: 'test/second-pair/cardfile/schema',
  second_new: 'test/second-pair/vault/schema',
  empty: 'test/support/no-schema',
} as const;
