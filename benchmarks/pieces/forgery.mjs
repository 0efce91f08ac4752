// What a forger can make the receiver do, against accepting one authentic delivery.
import { createVerifier } from 'countersign'
import { timed, timeRatio } from '../compare.mjs'
import { jsonBody, SECRET, signature, signedHeaders, WRONG_SECRETS } from '../delivery.mjs'

const SIZE = 100_000

export const contestants = {
  'accept 100 kB': () => accept(SIZE),
  'accept 1 KiB': () => accept(1024),
  'forgery 100 kB': forgery,
  'stale 100 kB': () => stale(SIZE),
  'stale 1 KiB': () => stale(1024),
  'malformed 1 KiB': malformed,
}

function accept(size) {
  const verify = createVerifier({ secret: SECRET, parse: 'none' })
  const body = jsonBody(size)
  const headers = signedHeaders(body)
  return { run: () => verify(body, headers) }
}

/** Fresh, sixteen decodable signatures, four keys, and none of them matches. */
function forgery() {
  const verify = createVerifier({ secret: WRONG_SECRETS.slice(0, 4), parse: 'none' })
  const body = jsonBody(SIZE)
  const candidates = Array.from({ length: 16 }, (_, index) =>
    signature(SECRET, `msg_${index}`, '1700000000', body),
  )
  const headers = signedHeaders(body, { signature: candidates.join(' ') })
  return { run: () => verify(body, headers), refuses: true }
}

function stale(size) {
  const verify = createVerifier({ secret: SECRET, parse: 'none' })
  const body = jsonBody(size)
  const headers = signedHeaders(body, { timestamp: String(Math.floor(Date.now() / 1000) - 3600) })
  return { run: () => verify(body, headers), refuses: true }
}

function malformed() {
  const verify = createVerifier({ secret: SECRET, parse: 'none' })
  const body = jsonBody(1024)
  const headers = signedHeaders(body, { timestamp: 'yesterday' })
  return { run: () => verify(body, headers), refuses: true }
}

export async function run() {
  const row = (measure, ours, theirs, most) =>
    timeRatio({ measure, ours: timed('forgery', ours), theirs: timed('forgery', theirs), most })
  return {
    rows: [
      await row(
        'refusing a forgery (100 kB, 16 candidates, 4 keys) against accepting with 1 key',
        'forgery 100 kB',
        'accept 100 kB',
        4.5,
      ),
      await row(
        'refusing on headers alone (stale), 100 kB, against accepting',
        'stale 100 kB',
        'accept 100 kB',
        0.5,
      ),
      await row('the same with a body of 1 KiB (stale)', 'stale 1 KiB', 'accept 1 KiB', 0.5),
      await row(
        'the same with a body of 1 KiB (timestamp malformed)',
        'malformed 1 KiB',
        'accept 1 KiB',
        0.5,
      ),
    ],
  }
}
