import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type D1Binding, d1Store, type KvBinding } from 'countersign/cloudflare'
import { type FakeAccount, fakeAccount } from 'countersign/testing'
import { Miniflare, type MiniflareOptions } from './miniflare/index.js'
import { type Delivery, delivery, until } from './world.js'

// `examples/worker-durable/src/with-d1.ts` as it is, with D1, KV and an account.
const scriptPath = fileURLToPath(new URL('.build/with-d1.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'countersign-with-d1-'))
let account: FakeAccount
let miniflare: Miniflare

function start(): Miniflare {
  return new Miniflare({
    host: '127.0.0.1',
    port: 0,
    defaultPersistRoot: folder,
    modules: true,
    scriptPath,
    compatibilityDate: '2026-07-01',
    bindings: {
      ACCOUNT_TOKEN: account.token,
      SNAPSHOT_KEY: Buffer.alloc(32, 7).toString('base64'),
    },
    d1Databases: { DB: 'db' },
    kvNamespaces: { SECRETS: 'kv' },
    // The Worker asks the real address of the account API.
    outboundService: ({ url, headers }: Request) =>
      fetch(account.baseUrl + new URL(url).pathname, { headers: [...headers] }),
  } as unknown as MiniflareOptions)
}

async function send({ headers, body }: Delivery): Promise<number> {
  const url = new URL('/webhooks', await miniflare.ready)
  return (await fetch(url, { method: 'POST', headers, body: body as BodyInit })).status
}

before(async () => {
  account = await fakeAccount()
  miniflare = start()
  await d1Store((await miniflare.getD1Database('DB')) as unknown as D1Binding).migrate()
})
after(async () => {
  await miniflare.dispose()
  await account.close()
  rmSync(folder, { recursive: true, force: true })
})

test('the example with D1 handles one of ten copies', async () => {
  const sent = await delivery(account.secret)
  const statuses = await Promise.all(Array.from({ length: 10 }, () => send(sent)))
  assert.equal(statuses.filter((status) => status === 204).length, 1)
  assert.ok(statuses.every((status) => [204, 200, 503].includes(status)))
  assert.equal(await send(sent), 200)
  // A delivery that was signed before the Worker knew the keys may have another key: 503.
  const forged = await send({ ...sent, body: new TextEncoder().encode('{}') })
  assert.ok([401, 503].includes(forged), String(forged))
})

test('the example with D1 starts again while the account API is down, and has forgotten nothing', async () => {
  const handled = await delivery(account.secret)
  assert.equal(await send(handled), 204)
  const kv = (await miniflare.getKVNamespace('SECRETS')) as unknown as KvBinding
  await until(
    () => kv.getWithMetadata('countersign:secret', 'text'),
    ({ value }) => value !== null,
  )
  await account.fail('refuse')
  await miniflare.dispose()
  miniflare = start()
  assert.equal(await send(handled), 200)
  assert.equal(await send(await delivery(account.secret)), 204)
})
