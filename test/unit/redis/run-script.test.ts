import { expect, test } from '@jest/globals'
import type { NodeRedisClient, RedisClient } from '../../../src/redis/redis-client.js'
import { createRunScript } from '../../../src/redis/run-script.js'
import { CLAIM, RELEASE, type Script } from '../../../src/redis/scripts.js'
import { manualTimers } from '../../support/manual-timers.js'

const script = { source: 'return 1', sha: 'abc' }

/** A command that a client has taken and not answered yet. */
interface Command {
  readonly name: string
  answer(value: unknown): void
  fail(message: string): void
}

function commands() {
  const all: Command[] = []
  const take = (name: string): Promise<unknown> =>
    new Promise((resolve, reject) => {
      all.push({ name, answer: resolve, fail: (message) => reject(new Error(message)) })
    })
  return { all, take, names: () => all.map(({ name }) => name) }
}

/** A cluster of node-redis as it looks while one of its nodes is gone: ready all the same. */
function nodeRedis() {
  const { take, ...rest } = commands()
  const client: NodeRedisClient = {
    isReady: true,
    evalSha: () => take('evalSha'),
    eval: () => take('eval'),
    withCommandOptions: ({ timeout }) => ({
      evalSha: () => take(`evalSha for ${timeout} ms`),
      eval: () => take(`eval for ${timeout} ms`),
    }),
  }
  return { client, ...rest }
}

function ioRedis() {
  const { take, ...rest } = commands()
  const client: RedisClient = {
    evalsha: () => take('evalsha'),
    eval: () => take('eval'),
    defineCommand: () => {},
    on: () => {},
  }
  return { client, ...rest }
}

async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
}

test('as long as the client keeps commands that were given up, new ones have a time-out of its own', async () => {
  const { client, all, names } = nodeRedis()
  const timers = manualTimers()
  const run = createRunScript(client, { timeout: 0.5, ...timers.options })
  const first = run(script, 'key')
  await Promise.all([expect(first).rejects.toThrow(/did not answer within 500 ms/), timers.run()])
  run(script, 'key').catch(() => {})
  expect(names()).toEqual(['evalSha', 'evalSha for 500 ms'])
  for (const command of all) command.answer(1)
  await settled()
  run(script, 'key')
  expect(names()).toEqual(['evalSha', 'evalSha for 500 ms', 'evalSha'])
})

test.each([
  ['redis', nodeRedis, 'evalSha', 'eval for 500 ms'],
  ['ioredis', ioRedis, 'evalsha', 'eval'],
] as const)(
  '%s: a claim that turns out unknown after its time is not sent again, its release is',
  async (_, make, name, whole) => {
    const { client, all, names } = make()
    const timers = manualTimers()
    const run = createRunScript(client, { timeout: 0.5, ...timers.options })
    const late = (of: Script): Promise<void> =>
      expect(run(of, 'key')).rejects.toThrow(/did not answer/)
    await Promise.all([late(CLAIM), late(RELEASE), timers.run()])
    all[0]?.fail('NOSCRIPT No matching script')
    await settled()
    expect(names()).toEqual([name, name])
    all[1]?.fail('NOSCRIPT No matching script')
    await settled()
    expect(names()).toEqual([name, name, whole])
  },
)

test('an answer or a failure in time leaves no timer', async () => {
  const { client, all } = ioRedis()
  const timers = manualTimers()
  const run = createRunScript(client, { timeout: 0.5, ...timers.options })
  const results = Promise.allSettled([run(script, 'key'), run(script, 'key')])
  expect(timers.waiting).toEqual([500, 500])
  all[0]?.answer(1)
  all[1]?.fail('READONLY')
  await results
  expect(timers.waiting).toEqual([])
})

test.each([0.0004, 1e8])('a time-out of %p s is one the timers take', (timeout) => {
  const timers = manualTimers()
  createRunScript(ioRedis().client, { timeout, ...timers.options })(script, 'key').catch(() => {})
  const [milliseconds = 0] = timers.waiting
  expect(milliseconds).toBeGreaterThanOrEqual(1)
  expect(milliseconds).toBeLessThan(2 ** 31)
})

test.each(['', 'Command failed: '])(
  'a script that turns out unknown in time is sent whole (%p)',
  async (prefix) => {
    const { client, all, names } = ioRedis()
    const result = createRunScript(client, { timeout: 0.5, ...manualTimers().options })(
      script,
      'key',
    )
    all[0]?.fail(`${prefix}NOSCRIPT No matching script`)
    await settled()
    expect(names()).toEqual(['evalsha', 'eval'])
    all[1]?.answer(7)
    expect(await result).toBe(7)
  },
)

test('a claim that turns out unknown in time is sent whole', async () => {
  const { client, all, names } = ioRedis()
  createRunScript(client, { timeout: 0.5, ...manualTimers().options })(CLAIM, 'key')
  all[0]?.fail('NOSCRIPT No matching script')
  await settled()
  expect(names()).toEqual(['evalsha', 'eval'])
})

test('a client that is not connected gets every command with a time-out of its own', () => {
  const { client, names } = nodeRedis()
  const offline = { ...client, isReady: false }
  createRunScript(offline, { timeout: 0.5, ...manualTimers().options })(script, 'key')
  expect(names()).toEqual(['evalSha for 500 ms'])
})
