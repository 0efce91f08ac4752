import { type Case, equal } from '../conformance/check.js'
import { BODY, type Lies, type Sender, STATIC } from './sender.js'

/** Faults of a body. Hono and `webhookHandler` must treat them in the same way. */
export function bodyCases({ deliver, answer, lie }: Sender, secret: string): readonly Case[] {
  const adapters = [
    ['/bindings', secret],
    ['/static', STATIC],
  ] as const
  const stream = (): ReadableStream => new Blob([BODY]).stream()
  const chunked = (): RequestInit => ({ body: stream(), duplex: 'half' }) as RequestInit

  return [
    {
      name: 'http: chunked',
      async run() {
        const { payload } = await (await deliver('/bindings', secret, chunked())).json()
        equal(payload, JSON.parse(BODY))
        equal(await answer('/static', STATIC, chunked()), [204])
      },
    },
    {
      name: 'http: what the sender says of the body is not believed',
      async run() {
        const large = 'x'.repeat(2 ** 21)
        for (const [path, signing] of adapters) {
          const told = (lies: Lies) => lie(path, signing, lies)
          equal(await told({ body: large }), [413, 'body_too_large'])
          equal(await told({ declaredLength: 5_000_000 }), [413, 'body_too_large'])
          const zipped = ['content-encoding', 'gzip'] as const
          equal(await told({ more: zipped }), [415, 'body_encoding_unsupported'])
          equal(await told({ more: ['webhook-id', 'other'] }), [400, 'header_malformed'])
          equal(await told({ body: `${BODY} ` }), [401, 'signature_mismatch'])
        }
      },
    },
    {
      name: 'http: a body that earlier middleware has read',
      async run() {
        const response = await deliver('/earlier/json', secret)
        equal(await response.json(), [JSON.parse(BODY), JSON.parse(BODY), BODY])
        equal(await answer('/earlier/raw', secret), [500, 'body_unavailable'])
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
