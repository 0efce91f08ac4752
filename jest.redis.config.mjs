import base from './jest.config.mjs'

// Against a real Redis: run by `npm run test:redis`. One backend is enough, no crypto depends on it.
const [{ testMatch: _, ...project }] = base.projects

export default {
  testTimeout: 30_000,
  projects: [
    { ...project, displayName: 'redis', testMatch: ['<rootDir>/test/redis/**/*.test.ts'] },
  ],
}
