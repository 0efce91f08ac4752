// What is mutated, folder by folder, and the tests that have to notice. They are the folder's own tests and the
// quick ones that reach it from outside: a mutant that only a slower test would notice counts as a survivor.
const VERIFIER = ['test/unit/{verify,sign,compat,deliveries}.test.ts']

export const folders = [
  {
    name: 'delivery',
    files: ['src/delivery/*.ts'],
    tests: ['test/unit/delivery/*.test.ts', ...VERIFIER],
    target: 95,
  },
  {
    name: 'verify',
    files: ['src/verify.ts', 'src/verify/*.ts'],
    tests: ['test/unit/verify/*.test.ts', 'test/unit/warnings.test.ts', ...VERIFIER],
    target: 90,
  },
  {
    name: 'crypto-node',
    files: ['src/crypto/node.ts'],
    tests: [
      'test/unit/crypto/*.test.ts',
      'test/unit/delivery/{signature,schemes}.test.ts',
      ...VERIFIER,
    ],
    target: 95,
  },
  {
    name: 'crypto-web',
    files: ['src/crypto/web.ts'],
    tests: [
      'test/unit/crypto/*.test.ts',
      'test/unit/delivery/{signature,schemes}.test.ts',
      ...VERIFIER,
    ],
    backend: 'web',
    target: 95,
  },
  {
    name: 'idempotency',
    files: ['src/idempotency/*.ts'],
    tests: ['test/unit/idempotency/*.test.ts', 'test/unit/http/receiver.test.ts'],
    target: 95,
  },
  {
    name: 'key-ring',
    files: ['src/sources/{key-ring,known-keys,ring-key,shelf,forgotten}.ts'],
    tests: [
      'test/unit/sources/{key-ring,ring-key,shelf,forgotten}.test.ts',
      'test/unit/sources/{rotating-secret,snapshot,refresher}.test.ts',
    ],
    target: 95,
  },
  {
    name: 'sources',
    files: ['src/sources/*.ts'],
    except: ['src/sources/{key-ring,known-keys,ring-key,shelf,forgotten}.ts'],
    tests: [
      'test/unit/sources/!(rotation.property|rotating-secret-flood|tenants).test.ts',
      'test/unit/account/account-secret.test.ts',
    ],
    target: 90,
  },
  {
    name: 'account',
    files: ['src/account/*.ts'],
    tests: ['test/unit/account/*.test.ts'],
    target: 90,
  },
  {
    name: 'http',
    files: ['src/http/*.ts'],
    tests: ['test/unit/http/*.test.ts', 'test/adapters/{fetch,node,lambda}/*.test.ts'],
    target: 90,
  },
  ...['express', 'fastify', 'fetch', 'hono', 'koa', 'lambda', 'node'].map((name) => ({
    name: `adapters-${name}`,
    files: [`adapters/${name}.ts`],
    tests: [`test/adapters/{${name},contract}/*.test.ts`],
    target: 90,
  })),
]
