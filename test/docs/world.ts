// Runs one example: `tsx world.ts <file>`. The account API of the examples is a real HTTP server on loopback.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { generateSecret } from 'countersign/sign'
import { fakeAccount, signedRequest } from 'countersign/testing'
import { createClient } from 'redis'

const account = await fakeAccount()
const secret = generateSecret()
const delivery = await signedRequest({ secret, payload: { type: 'invoice.paid' } })
const { fetch } = globalThis
const log = { info: () => {}, warn: () => {}, error: () => {} }

Object.assign(process.env, {
  ACCOUNT_TOKEN: account.token,
  WEBHOOK_SECRET: secret,
  SNAPSHOT_KEY: Buffer.alloc(32, 7).toString('base64'),
})
Object.assign(globalThis, {
  body: delivery.body,
  headers: new Headers(delivery.headers),
  secret,
  log,
  client: createClient({ url: process.env.REDIS_URL ?? '' }),
  fetch: (url: string, init?: RequestInit) =>
    fetch(String(url).replace('https://api.cadenya.com', account.baseUrl), init),
})

const example = resolve(String(process.argv[2]))
const folder = mkdtempSync(join(tmpdir(), 'countersign-docs-'))
process.on('exit', () => rmSync(folder, { recursive: true }))
writeFileSync(join(folder, 'body.bin'), delivery.body)
writeFileSync(join(folder, 'headers.json'), JSON.stringify(delivery.headers))
process.chdir(folder)

await import(example)
process.exit(0)
