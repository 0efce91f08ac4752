import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AccountSecret, accountSecret } from 'countersign/account'
import { verifyWebhook } from 'countersign/express'
import { type FakeAccount, fakeAccount } from 'countersign/testing'
import express from 'express'

export interface Demo {
  readonly account: FakeAccount
  readonly secret: AccountSecret
  readonly url: string
  /** `webhook-id` of every delivery that reached the handler. */
  readonly handled: readonly string[]
  close(): Promise<void>
}

export const MAX_BODY_BYTES = 64 * 1024

/** An account API and an Express app that verifies with the secret it fetches from there. */
export async function startDemo(port = 0): Promise<Demo> {
  const account = await fakeAccount()
  const secret = accountSecret({ token: account.token, baseUrl: account.baseUrl })
  const handled: string[] = []

  const app = express()
  app.post('/webhooks', verifyWebhook({ secret, maxBodyBytes: MAX_BODY_BYTES }), (req, res) => {
    handled.push(req.webhook.id)
    res.sendStatus(204)
  })

  const server = await new Promise<Server>((resolve, reject) => {
    const listening = app.listen(port, '127.0.0.1', (error) =>
      error ? reject(error) : resolve(listening),
    )
  })
  const { port: bound } = server.address() as AddressInfo
  // webhook-timestamp has whole seconds: from the next one on it is certain that the first read came before.
  await new Promise((resolve) => setTimeout(resolve, 1000 - (Date.now() % 1000)))

  async function close(): Promise<void> {
    secret.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await account.close()
  }
  return { account, secret, url: `http://127.0.0.1:${bound}/webhooks`, handled, close }
}
