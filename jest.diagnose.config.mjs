import config from './jest.config.mjs'

// The searches of diagnose over WebCrypto, which are too slow for the quick suite.
const [, web] = config.projects

export default {
  ...config,
  projects: [
    {
      ...web,
      testMatch: ['<rootDir>/test/unit/diagnose/{index,secrets}.test.ts'],
      testPathIgnorePatterns: ['/node_modules/'],
    },
  ],
}
