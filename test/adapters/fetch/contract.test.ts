import { webhookHandler } from 'countersign/fetch'
import { andThen } from '../../../src/base/awaitable.js'
import { adapterContract, type Setup, throughFetch } from '../contract/contract.js'

type Handler = (request: Request) => Promise<Response>

/** What a platform does around a fetch handler: its own routing, and its own 500. */
function platform({ before, onError }: Setup, handler: Handler): Handler {
  return async (request) => {
    if (request.method !== 'POST') return new Response(null, { status: 405 })
    if (before === 'json') await request.json()
    if (before === 'drain') await request.arrayBuffer()
    return handler(request).catch((error) => {
      onError(error)
      return new Response(null, { status: 500 })
    })
  }
}

adapterContract('webhookHandler', {
  start(setup) {
    const { options, reject, handle } = setup
    const onReject: Parameters<typeof webhookHandler>[0]['onReject'] =
      reject &&
      ((error, { request }) =>
        andThen(reject(error, request), (answer) => answer && new Response(answer.text, answer)))
    const handler = webhookHandler({ ...options, onReject }, (webhook, { request }) =>
      handle(webhook, request),
    )
    return { send: throughFetch(platform(setup, handler)), close: () => {} }
  },
})
