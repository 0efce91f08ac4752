import { afterAll, beforeAll, describe, test } from '@jest/globals'
import { type PostgresStore, postgresStore } from 'countersign/postgres'
import { storeContract } from 'countersign/testing'
import { type Connected, databases, pglite } from './databases.js'
import { type PostgresServer, postgresIsInstalled, startPostgres } from './postgres-server.js'

let server: PostgresServer
beforeAll(async () => {
  if (postgresIsInstalled) server = await startPostgres()
})
afterAll(() => server?.close())

describe.each([...Object.keys(databases), 'PGlite'])('postgresStore over %s', (name) => {
  const run = postgresIsInstalled ? test : test.skip
  let connected: Connected
  let store: PostgresStore

  beforeAll(async () => {
    if (!postgresIsInstalled) return
    connected = await (databases[name]?.(server.url) ?? pglite())
    store = postgresStore(connected.db, { timeout: 10 })
    await store.migrate()
  })
  afterAll(() => connected?.close())

  for (const { name: rule, run: check } of storeContract(() => store, {
    lease: 0.05,
    digest: true,
  })) {
    run(rule, check)
  }
})
