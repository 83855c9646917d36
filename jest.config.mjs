import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import vm from 'node:vm'

if (!('SourceTextModule' in vm)) {
  throw new Error("jest runs ES modules here: start it by npm test, or with NODE_OPTIONS='--experimental-vm-modules'")
}

/**
 * The database helper's hooks, once they are there. Plain .mjs: jest loads these outside its module system, where
 * TypeScript becomes CommonJS and finds neither `./x.js` imports nor ESM-only packages.
 */
function hook(option, path) {
  return existsSync(fileURLToPath(new URL(path, import.meta.url))) ? { [option]: `<rootDir>/${path}` } : {}
}

const swc = {
  swcrc: false,
  jsc: {
    parser: { syntax: 'typescript', decorators: true },
    transform: { legacyDecorator: true, decoratorMetadata: true },
    target: 'es2022',
    keepClassNames: true,
  },
  module: { type: 'es6' },
  sourceMaps: 'inline',
}

/** @type {import('jest').Config} */
export default {
  testEnvironment: '<rootDir>/test/environment/leak-free.mjs',
  testMatch: ['<rootDir>/test/**/*.test.ts', '<rootDir>/clients/*/test/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.dagbook/', '<rootDir>/clients/[^/]+/dist/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform: { '^.+\\.ts$': ['@swc/jest', swc] },
  reporters: ['default', '<rootDir>/test/reporters/totals.mjs'],
  testSequencer: '<rootDir>/test/environment/longest-first.mjs',
  maxWorkers: '100%',
  // For what hangs; how fast something is, is for bench/ to say. Two cores that are busy otherwise take their time.
  testTimeout: 180_000 * Math.max(1, Number(process.env.DAGBOOK_TEST_SCALE ?? 1)),
  ...hook('globalSetup', 'test/helpers/global-setup.mjs'),
  ...hook('globalTeardown', 'test/helpers/global-teardown.mjs'),
}
