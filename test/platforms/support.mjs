// What every platform is tried with.
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { generateSecret } from 'countersign/sign'
import { signedRequest } from 'countersign/testing'

export const SECRET = generateSecret()

/** Bytes that no parser and serialiser would give back. */
export const BODY = '{ "name" : "Zo\u00eb", "n" : 1.0 }\n'

/** @returns {Promise<{ body: Uint8Array, headers: Record<string, string> }>} */
export async function delivery({ body = BODY, secret = SECRET, type = 'application/json' } = {}) {
  const signed = await signedRequest({ secret, body })
  const headers = { ...signed.headers, 'content-type': type }
  if (!type) delete headers['content-type']
  return { body: signed.body, headers }
}

/** Listens on a free port for the time of one test. */
export async function listen(t, listener) {
  const server = typeof listener === 'function' ? createServer(listener) : listener
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => {
    server.closeAllConnections?.()
    server.close()
  })
  return `http://127.0.0.1:${server.address().port}`
}

/** Answers must come: a request that is never answered is the fault these tests look for. */
export async function post(url, { body, headers }) {
  const answer = await fetch(url, {
    method: 'POST',
    body,
    headers,
    signal: AbortSignal.timeout(5000),
  })
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

/** A problem document with this code. */
export function assertRefused({ status, headers, text }, code, expected) {
  assert.equal(status, expected, text)
  assert.equal(headers.get('content-type'), 'application/problem+json')
  assert.equal(JSON.parse(text).code, code)
}

/** What every platform must do with an authentic, a forged, an unsigned and an unparsable delivery. `send` posts one. */
export async function assertKeepsContract(send, { parser = false } = {}) {
  const good = await send(await delivery())
  assert.equal(good.status, 204, good.text)
  assertRefused(await send(await delivery({ secret: generateSecret() })), 'signature_mismatch', 401)
  assertRefused(
    await send({ body: BODY, headers: { 'content-type': 'application/json' } }),
    'header_missing',
    400,
  )
  const unparsable = await send(await delivery({ body: '{"a":' }))
  // A parser in front answers that itself.
  if (parser) assert.equal(unparsable.status, 400)
  else assertRefused(unparsable, 'payload_invalid', 400)
}
