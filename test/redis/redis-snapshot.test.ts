import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createVerifier, type RefreshError, rotatingSecret } from 'countersign'
import { type RedisSnapshotOptions, redisSnapshot } from 'countersign/redis'
import { generateSecret } from 'countersign/sign'
import { signedRequest } from 'countersign/testing'
import { type Connected, clients } from './clients.js'
import { type RedisServer, redisIsInstalled, startRedis } from './redis-server.js'
import { startTap } from './tap.js'

const encryptionKey = Buffer.alloc(32, 7).toString('base64')

describe.each(Object.keys(clients))('redisSnapshot over %s', (name) => {
  const run = redisIsInstalled ? test : test.skip
  const connect = clients[name] as (typeof clients)[string]
  let server: RedisServer
  let connected: Connected

  beforeAll(async () => {
    if (!redisIsInstalled) return
    server = await startRedis()
    connected = await connect(server.port)
  })
  afterAll(async () => {
    connected?.close()
    await server?.close()
  })

  /** A process that learns the secret, and one that starts while the account API is down. */
  async function coldStart(
    first: RedisSnapshotOptions,
    second = first,
  ): Promise<{ accepts: boolean; errors: readonly string[] }> {
    await server.admin.flushall()
    const secret = generateSecret()
    const before = rotatingSecret({
      fetch: () => secret,
      snapshot: redisSnapshot(connected.client, first),
    })
    await before.refresh()
    const errors: string[] = []
    const after = rotatingSecret({
      fetch: () => Promise.reject(new Error('the account API is down')),
      snapshot: redisSnapshot(connected.client, second),
      timeout: 0.5,
      onError: ({ reason }: RefreshError) => errors.push(reason),
    })
    const { body, headers } = await signedRequest({ secret })
    const { ok } = await createVerifier({ secret: after }).check(body, headers)
    for (const source of [before, after]) source.close()
    return { accepts: ok, errors }
  }

  run('a cold start survives an outage of the account API', async () => {
    expect(await coldStart({})).toMatchObject({ accepts: true })
    expect(await server.admin.get('countersign:secret')).toMatch(/wh_/)
    expect(await server.admin.ttl('countersign:secret')).toBeGreaterThan(604_790)
  })

  run('encrypted, the secret does not lie in Redis in the clear', async () => {
    const options = { encryptionKey, key: 'mine', ttl: 60 }
    expect(await coldStart(options)).toMatchObject({ accepts: true })
    expect(await server.admin.get('mine')).toMatch(/^gcm1\./)
    expect(await server.admin.ttl('mine')).toBeLessThanOrEqual(60)
  })

  run('a text encrypted with another key, or not encrypted, is reported and not used', async () => {
    const otherKey = new Uint8Array(32)
    for (const first of [{}, { encryptionKey: otherKey }]) {
      const { accepts, errors } = await coldStart(first, { encryptionKey })
      expect({ accepts, errors }).toEqual({
        accepts: false,
        errors: expect.arrayContaining([expect.stringMatching(/^snapshot_/)]),
      })
    }
    expect(await coldStart({ encryptionKey }, {})).toMatchObject({ accepts: false })
  })

  run('replaces only an older snapshot, in one step, whichever process saves first', async () => {
    await server.admin.flushall()
    const snapshot = redisSnapshot(connected.client, { encryptionKey })
    const versions = Array.from({ length: 20 }, (_, index) => ((index * 7) % 20) + 1)
    const saved = await Promise.all(
      versions.map((version) => snapshot.save(`text ${version}`, { version })),
    )
    expect(await snapshot.load()).toBe('text 20')
    expect(saved[versions.indexOf(20)]).not.toBe(false)
    expect(await snapshot.save('as new', { version: 20 })).toBe(false)
    expect(await snapshot.save('older', { version: 3 })).toBe(false)
    expect(await snapshot.load()).toBe('text 20')
  })

  run('an old text that is passed off as new is not opened', async () => {
    await server.admin.flushall()
    const snapshot = redisSnapshot(connected.client, { encryptionKey })
    await snapshot.save('old', { version: 1 })
    const old = (await server.admin.get('countersign:secret')) ?? ''
    await server.admin.set('countersign:secret', old.replace(/1$/, '9'))
    await expect(snapshot.load()).rejects.toThrow('cannot be decrypted')
  })

  run('an empty Redis gives no snapshot', async () => {
    await server.admin.flushall()
    expect(await redisSnapshot(connected.client).load()).toBeUndefined()
  })

  run(
    'a Redis that does not answer delays no delivery for longer than its own time-out',
    async () => {
      const tap = await startTap(server.port)
      const other = await connect(tap.port)
      tap.mode = 'swallow'
      const snapshot = redisSnapshot(other.client, { timeout: 0.1 })
      await expect(snapshot.load()).rejects.toThrow(/did not answer/)
      await expect(snapshot.save('{}', { version: 1 })).rejects.toThrow(/did not answer/)
      other.close()
      await tap.close()
    },
  )

  run.each([
    { encryptionKey: undefined },
    { encryptionKey: 'short' },
    { key: 7 },
    { ttl: 0 },
    { timeout: -1 },
    { prefix: 'x' },
  ])('%p is refused', (options) => {
    expect(() => redisSnapshot(connected.client, options as never)).toThrow(TypeError)
  })
})
