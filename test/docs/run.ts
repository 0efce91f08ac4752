// Compiles every TypeScript example of README.md and docs/, and runs it. `npm run test:docs [page…]`.
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startPostgres } from '../postgres/postgres-server.js'
import { startRedis } from '../redis/redis-server.js'
import { type Block, blocksOf, isTest, pages } from './blocks.js'

const folder = 'test/docs/.blocks'
const wanted = process.argv.slice(2)
const blocks = pages()
  .filter((page) => wanted.length === 0 || wanted.some((part) => page.includes(part)))
  .flatMap(blocksOf)

function fileOf(block: Block): string {
  return join(folder, `${block.name}${isTest(block) ? '.test' : ''}.ts`)
}

function run(command: string, args: readonly string[], env: Record<string, string> = {}): void {
  execFileSync(command, args, {
    stdio: 'pipe',
    encoding: 'utf8',
    timeout: 60_000,
    env: { ...process.env, ...env },
  })
}

function passes(name: string, check: () => void): boolean {
  try {
    check()
    console.log(`ok      ${name}`)
    return true
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    console.error(`FAILED  ${name}\n${stdout}${stderr || error}`)
    return false
  }
}

rmSync(folder, { recursive: true, force: true })
mkdirSync(folder, { recursive: true })
copyFileSync('test/docs/app.ts', join(folder, 'app.ts'))
for (const block of blocks) writeFileSync(fileOf(block), `${block.code}\nexport {}\n`)

const [redis, postgres] = await Promise.all([startRedis(), startPostgres()])
const env = { REDIS_URL: `redis://127.0.0.1:${redis.port}`, DATABASE_URL: postgres.url }
const modules = blocks.filter((block) => !isTest(block))
const results = [
  passes('types of every example', () => run('npx', ['tsc', '-p', 'test/docs/tsconfig.json'])),
  ...modules.map((block) =>
    passes(block.name, () => run('npx', ['tsx', 'test/docs/world.ts', fileOf(block)], env)),
  ),
  passes('the examples that are tests', () => run('npx', ['jest', '-c', 'jest.docs.config.mjs'])),
]
await Promise.all([redis.close(), postgres.close()])
const passed = results.filter(Boolean).length
console.log(`\ndocs: ${passed} of ${results.length} pass`)
if (blocks.length === 0 || passed < results.length) process.exitCode = 1
