import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals'
import { type PostgresSnapshot, postgresSnapshot } from 'countersign/postgres'
import pg from 'pg'
import { type PostgresServer, postgresIsInstalled, startPostgres } from './postgres-server.js'

const run = postgresIsInstalled ? test : test.skip
const encryptionKey = Buffer.alloc(32, 7).toString('base64')
let server: PostgresServer
let pool: pg.Pool
let sealed: PostgresSnapshot

beforeAll(async () => {
  if (!postgresIsInstalled) return
  server = await startPostgres()
  pool = new pg.Pool({ connectionString: server.url })
  sealed = postgresSnapshot(pool, { encryptionKey })
  await Promise.all(Array.from({ length: 10 }, () => sealed.migrate()))
})
beforeEach(async () => {
  if (postgresIsInstalled) await server.admin('TRUNCATE countersign_snapshots')
})
afterAll(async () => {
  await pool?.end()
  await server?.close()
})

run('nothing stored is nothing known', async () => {
  expect(await sealed.load()).toBeUndefined()
})

run('only a newer snapshot replaces what is stored, however many save at once', async () => {
  const versions = [5, 3, 9, 1, 7, 9, 2]
  await Promise.all(versions.map((version) => sealed.save(`text ${version}`, { version })))
  expect(await sealed.load()).toBe('text 9')
  expect(await sealed.save('older', { version: 8 })).toBe(false)
  expect(await sealed.save('the same', { version: 9 })).toBe(false)
  expect(await sealed.save('newer', { version: 10 })).toBe(true)
  expect(await sealed.load()).toBe('newer')
})

run('encrypted, the secret does not lie in the table in the clear', async () => {
  await sealed.save('wh_secret', { version: 1 })
  const [row] = await server.admin('SELECT * FROM countersign_snapshots')
  expect(JSON.stringify(row)).not.toContain('wh_secret')
  const other = postgresSnapshot(pool, { encryptionKey: new Uint8Array(32) })
  await expect(Promise.resolve(other.load())).rejects.toThrow()
  const moved = postgresSnapshot(pool, { encryptionKey, key: 'another account' })
  await server.admin(`UPDATE countersign_snapshots SET key = 'another account'`)
  await expect(Promise.resolve(moved.load())).rejects.toThrow()
})

run('a version that was raised by hand is not believed', async () => {
  await sealed.save('wh_secret', { version: 1 })
  await server.admin('UPDATE countersign_snapshots SET version = 2')
  await expect(Promise.resolve(sealed.load())).rejects.toThrow()
})

run.each([{ encryptionKey: undefined }, { encryptionKey: 'short' }, { table: 'a b' }, { ttl: 1 }])(
  '%p is refused',
  (options) => expect(() => postgresSnapshot(pool, options as never)).toThrow(TypeError),
)
