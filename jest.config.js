export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/support/strip-types.js' },
  // Much of a test is waiting: for hashes, browsers, other processes. Jest would leave a core idle.
  maxWorkers: '100%',
  testTimeout: 30_000,
};
