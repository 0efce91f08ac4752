import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { kvSnapshot } from 'countersign/cloudflare'
import { type FakeAccount, fakeAccount } from 'countersign/testing'
import { delivery, startWorld, until, type World } from './world.js'

const encryptionKey = Buffer.alloc(32, 7).toString('base64')
let account: FakeAccount
let world: World
before(async () => {
  account = await fakeAccount()
  world = await startWorld({
    ACCOUNT_URL: account.baseUrl,
    ACCOUNT_TOKEN: account.token,
    SNAPSHOT_KEY: encryptionKey,
  })
})
after(async () => {
  await world.close()
  await account.close()
})

async function stored(): Promise<string | null> {
  return (await (await world.kv()).getWithMetadata('countersign:secret', 'text')).value
}

test('a Worker that starts while the account API is down verifies with the secret in KV', async () => {
  const accepted = await world.send('/account', await delivery(account.secret))
  assert.equal(accepted.status, 204)
  await until(stored, (value) => value !== null)
  await account.fail('refuse')
  await world.restart()
  const copy = await delivery(account.secret)
  assert.equal((await world.send('/account', copy)).status, 204)
  // A forgery may now be a delivery with a new key, so it is not refused for good.
  const forged = { ...copy, body: new TextEncoder().encode('{"n":2}') }
  const { status, code } = await world.send('/account', forged)
  assert.deepEqual([status, code], [503, 'signature_undecided'])
  await account.fail(undefined)
})

test('the snapshot in KV is encrypted, and expires', async () => {
  const text = await until(stored, (value) => value !== null)
  assert.match(String(text), /^gcm1\./)
  const snapshot = kvSnapshot(await world.kv(), { encryptionKey })
  assert.match(String(await snapshot.load()), /wh_/)
  const wrong = kvSnapshot(await world.kv(), { encryptionKey: new Uint8Array(32) })
  await assert.rejects(async () => wrong.load(), /cannot be decrypted/)
})

test('a save replaces older snapshots, and never a newer one', async () => {
  const snapshot = kvSnapshot(await world.kv(), { key: 'versions' })
  assert.equal(await snapshot.load(), undefined)
  assert.equal(await snapshot.save('second', { version: 2 }), true)
  assert.equal(await snapshot.save('first', { version: 1 }), false)
  assert.equal(await snapshot.save('second again', { version: 2 }), false)
  assert.equal(await snapshot.load(), 'second')
  assert.equal(await snapshot.save('third', { version: 3 }), true)
  assert.equal(await snapshot.load(), 'third')
})

test('a text that somebody put there by hand is replaced by the next save', async () => {
  const kv = await world.kv()
  await kv.put('by hand', 'text', { expirationTtl: 60, metadata: {} })
  const snapshot = kvSnapshot(kv, { key: 'by hand' })
  assert.equal(await snapshot.load(), 'text')
  assert.equal(await snapshot.save('saved', { version: 1 }), true)
  assert.equal(await snapshot.load(), 'saved')
})

test('each key is an account of its own: a sealed text that was moved does not open', async () => {
  const kv = await world.kv()
  await kvSnapshot(kv, { key: 'one', encryptionKey }).save('secret', { version: 1 })
  const { value, metadata } = await kv.getWithMetadata('one', 'text')
  await kv.put('two', String(value), { expirationTtl: 60, metadata: Object(metadata) })
  const moved = kvSnapshot(kv, { key: 'two', encryptionKey })
  await assert.rejects(async () => moved.load(), /cannot be decrypted/)
})
