import { createSigner } from '../../src/sign.js'
import type { FakeAccount } from '../../src/testing/index.js'
import { type Case, equal } from '../conformance/check.js'

export const STATIC = 'wh_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo='
const FORGED = 'wh_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc='
/** An answer that does not come is a failure, not a run without an end. */
const PATIENCE = 60_000
const BODY = '{ "name": "Zo\u00eb" }'

/** Deliveries sent to a server that really runs on the runtime. */
export function overHttpCases(baseUrl: string, account: FakeAccount, secret: string): Case[] {
  async function deliver(path: string, signing: string, init: RequestInit = {}): Promise<Response> {
    const { headers, ...rest } = init
    const signed = await createSigner({ secret: signing })(BODY)
    const all = { ...signed, ...(headers as Record<string, string>) }
    const signal = AbortSignal.timeout(PATIENCE)
    return fetch(baseUrl + path, { method: 'POST', body: BODY, signal, ...rest, headers: all })
  }
  async function answer(...args: Parameters<typeof deliver>): Promise<[number, string?]> {
    const response = await deliver(...args)
    const text = await response.text()
    return text ? [response.status, JSON.parse(text).code] : [response.status]
  }
  const stream = (): ReadableStream => new Blob([BODY]).stream()
  const chunked = (): RequestInit => ({ body: stream(), duplex: 'half' }) as RequestInit

  return [
    {
      name: 'http: a secret from the bindings, the body read again behind it',
      async run() {
        const response = await deliver('/bindings', secret, {
          headers: { 'webhook-id': 'unsigned' },
        })
        equal([response.status, (await response.json()).code], [401, 'signature_mismatch'])
        const { payload } = await (await deliver('/bindings', secret)).json()
        equal(payload, JSON.parse(BODY))
      },
    },
    {
      name: 'http: chunked',
      async run() {
        const { payload } = await (await deliver('/bindings', secret, chunked())).json()
        equal(payload, JSON.parse(BODY))
        equal(await answer('/static', STATIC, chunked()), [204])
      },
    },
    {
      name: 'http: a handler made while the module loads',
      async run() {
        equal(await answer('/static', STATIC), [204])
        equal(await answer('/static', FORGED), [401, 'signature_mismatch'])
      },
    },
    {
      name: 'http: first deliveries side by side share one source',
      async run() {
        const answers = await Promise.all(
          Array.from({ length: 20 }, () => answer('/account', account.secret)),
        )
        equal(answers, Array(20).fill([204]))
      },
    },
    {
      name: 'http: a rotation under load: every authentic delivery is accepted or asked to come again',
      async run() {
        const old = account.secret
        await answer('/account', old)
        account.rotate()
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, i) => answer('/account', i % 2 ? old : account.secret)),
        )
        equal(
          answers.filter(([status]) => status !== 204 && status !== 503),
          [],
        )
        equal(await answer('/account', account.secret), [204])
        equal(await answer('/account', old), [204])
      },
    },
    {
      name: 'http: a forgery against the account’s secret is never accepted',
      async run() {
        const answers = await Promise.all(
          Array.from({ length: 20 }, () => answer('/account', FORGED)),
        )
        equal(
          answers.filter(([status]) => status !== 401 && status !== 503),
          [],
        )
        equal(await answer('/account', account.secret), [204])
      },
    },
    {
      name: 'http: the sender hangs up half way, the server lives on',
      async run() {
        const abort = new AbortController()
        const endless = new ReadableStream({
          async pull(controller) {
            controller.enqueue(new Uint8Array(100))
            await new Promise((resolve) => setTimeout(resolve, 10))
          },
        })
        setTimeout(() => abort.abort(), 50)
        const init = { body: endless, duplex: 'half', signal: abort.signal }
        await deliver('/bindings', secret, init as RequestInit).catch(() => {})
        equal((await deliver('/bindings', secret)).status, 200)
      },
    },
    {
      // Last: a server may close the connection behind a 413, and the next request would find it closed.
      name: 'http: more than the limit',
      async run() {
        const large = { body: 'x'.repeat(2 ** 21) }
        equal(await answer('/static', STATIC, large), [413, 'body_too_large'])
      },
    },
  ]
}
