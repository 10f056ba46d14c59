export default {
  transform: {},
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: '<rootDir>/test/support/leak-checking-environment.ts',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  reporters: ['default', '<rootDir>/test/support/plain-line-reporter.ts'],
  testTimeout: 120_000,
  maxWorkers: 2,
  // Each test file leaves some memory behind in a worker (vm modules); a new worker is cheaper than its garbage.
  workerIdleMemoryLimit: '1GB',
  collectCoverage: true,
  coverageProvider: 'v8',
  coverageReporters: ['text-summary', 'lcovonly', 'json-summary'],
  collectCoverageFrom: ['{monolith,user-service,flags,proxy}/**/*.ts', '!**/*.types.ts'],
  coverageThreshold: {
    './monolith/': { lines: 85 },
    './user-service/': { lines: 85 },
    './flags/': { lines: 85 },
    './proxy/': { lines: 85 },
  },
};
