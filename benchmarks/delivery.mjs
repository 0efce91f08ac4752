// Signed deliveries as a sender makes them, with the headers a server sees beside the three.
import { createHmac } from 'node:crypto'
import { SECRET } from './secrets.mjs'

export { SECRET, WRONG_SECRETS } from './secrets.mjs'

const NOTE = 'Customer asked for a copy of the invoice; sent it, and closed the request. '

/** JSON of exactly `size` bytes: one event, whose bulk is text. */
export function jsonBody(size) {
  const event = (text) =>
    JSON.stringify({ type: 'note.added', data: { id: 'note_1', open: true, text } })
  const room = Math.max(0, size - event('').length)
  return Buffer.from(event(NOTE.repeat(Math.ceil(room / NOTE.length)).slice(0, room)))
}

/** JSON of exactly `size` bytes: a list of small records, the most work for `JSON.parse`. */
export function recordsBody(size) {
  const record = (index) => ({ id: `evt_${1000000 + index}`, at: 1700000000 + index, ok: true })
  const whole = (records, pad) => JSON.stringify({ type: 'records', data: { records, pad } })
  const room = size - whole([], '').length
  const length = Math.floor(room / (JSON.stringify(record(0)).length + 1))
  const records = Array.from({ length }, (_, index) => record(index))
  return Buffer.from(whole(records, 'x'.repeat(size - whole(records, '').length)))
}

export function signature(secret, id, timestamp, body) {
  const mac = createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body)
  return `v1,${mac.digest('base64')}`
}

/** Headers as Node hands them over, signed now. */
export function signedHeaders(body, { id = 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W', ...options } = {}) {
  const timestamp = options.timestamp ?? String(Math.floor(Date.now() / 1000))
  return {
    host: '127.0.0.1:3000',
    'user-agent': 'Sender/1.0',
    accept: '*/*',
    'content-type': 'application/json',
    'content-length': String(body.length),
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': options.signature ?? signature(SECRET, id, timestamp, body),
    connection: 'keep-alive',
  }
}
