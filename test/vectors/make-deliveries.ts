/**
 * Writes `deliveries.json`: deliveries whose right answer follows from the contract alone.
 * Every signature is made by `node:crypto`, and checked against `standardwebhooks` if that can sign it;
 * nothing of `src/` takes part.
 *
 *     npx tsx test/vectors/make-deliveries.ts && npx biome format --write test/vectors/deliveries.json
 */
import assert from 'node:assert/strict'
import { createHmac, createPrivateKey, createPublicKey, sign } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { Webhook } from 'standardwebhooks'
import type { StoredDelivery, StoredSecret } from './delivery.js'

const T = 1_700_000_000
const KEY = Buffer.from('fbefbefbefbe00112233445566778899aabbccddeeff0123456789abcdefffff', 'hex')
const STANDARD = KEY.toString('base64')
const URL_SAFE = KEY.toString('base64url')
const SECRET = `wh_${STANDARD}`
const OTHER = `wh_${counted(32).toString('base64')}`
const BODY = '{"type":"user.created","data":{"name":"Zoë","n":1}}'

const privateKey = createPrivateKey({
  key: Buffer.concat([
    Buffer.from('302e020100300506032b657004220420', 'hex'),
    Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex'),
  ]),
  format: 'der',
  type: 'pkcs8',
})
const publicBytes = Buffer.from(
  createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '',
  'base64url',
)
const PUBLIC = `whpk_${publicBytes.toString('base64')}`

type Bytes = string | Uint8Array

/** Key bytes that are not all the same. */
function counted(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, i) => (i * 7 + 1) % 256))
}

function content(id: string, timestamp: string | number, body: Bytes): Buffer {
  return Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)])
}

function v1(id: string, timestamp: string | number, body: Bytes, key: Uint8Array = KEY): string {
  const signature = createHmac('sha256', key)
    .update(content(id, timestamp, body))
    .digest('base64')
  if (typeof timestamp === 'number' && typeof body === 'string' && key.length > 0) {
    const oracle = new Webhook(key, { format: 'raw' })
    assert.equal(`v1,${signature}`, oracle.sign(id, new Date(timestamp * 1000), body))
  }
  return `v1,${signature}`
}

function v1a(id: string, timestamp: string | number, body: Bytes): string {
  return `v1a,${sign(null, content(id, timestamp, body), privateKey).toString('base64')}`
}

interface Given {
  secret?: StoredDelivery['secret']
  options?: StoredDelivery['options']
  now?: number
  shape?: StoredDelivery['shape']
  lines?: StoredDelivery['lines']
  names?: readonly [string, string, string]
  id?: string
  timestamp?: string | number
  signature?: string
  kind?: StoredDelivery['kind']
  body?: Bytes
  /** The JSON of a body that was parsed. */
  parsed?: string
  payload?: unknown
}

const deliveries: StoredDelivery[] = []

function add(name: string, answer: string, given: Given = {}): void {
  assert(!deliveries.some((other) => other.name === name), `two deliveries are named ${name}`)
  const { id = 'msg_1', timestamp = T, body = BODY } = given
  const { names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] } = given
  const signature = given.signature ?? v1(id, timestamp, body)
  deliveries.push({
    name,
    secret: given.secret ?? SECRET,
    ...(given.options && { options: given.options }),
    now: given.now ?? T * 1000,
    shape: given.shape ?? 'record',
    lines: given.lines ?? [
      [names[0], id],
      [names[1], String(timestamp)],
      [names[2], signature],
    ],
    kind: given.parsed === undefined ? (given.kind ?? 'string') : 'parsed',
    body: given.parsed ?? Buffer.from(body).toString('base64'),
    answer,
    ...('payload' in given && { payload: given.payload }),
  })
}

const good = v1('msg_1', T, BODY)
const wrong = v1('msg_1', T, 'something else')

// Plain ones.
add('well-formed', 'accepted', { payload: JSON.parse(BODY) })
add('wrong secret', 'signature_mismatch', { secret: OTHER })
add('tampered body', 'signature_mismatch', { body: BODY.replace('1', '2'), signature: good })
add('tampered id', 'signature_mismatch', { id: 'msg_2', signature: good })
add('tampered timestamp', 'signature_mismatch', { timestamp: T + 1, signature: good })
add('re-serialised body', 'signature_mismatch', { body: ` ${BODY}`, signature: good })
add('second secret of two', 'accepted', { secret: [OTHER, SECRET] })
add('first secret of two', 'accepted', { secret: [SECRET, OTHER] })
add('neither secret of two', 'signature_mismatch', { secret: [OTHER, OTHER] })

// Boundaries between id, timestamp and body: the signed content stays the same, byte for byte.
const LATER = T + 100
add('boundary: a timestamp at the start of the body becomes the timestamp', 'header_malformed', {
  id: `msg_1.${T}`,
  timestamp: LATER,
  body: '{}',
  signature: v1('msg_1', T, `${LATER}.{}`),
})
add('boundary: a timestamp inside the body becomes the timestamp', 'header_malformed', {
  id: `msg_1.${T}.x`,
  timestamp: LATER,
  body: '{}',
  signature: v1('msg_1', T, `x.${LATER}.{}`),
})
add('boundary: a stale delivery is freshened by its body', 'header_malformed', {
  id: `msg_1.${T - 90000}.a.b`,
  timestamp: T,
  body: '{}',
  signature: v1('msg_1', T - 90000, `a.b.${T}.{}`),
})
add('boundary: the end of the id becomes the timestamp', 'header_malformed', {
  id: 'msg_1',
  timestamp: `5.${T}`,
  signature: v1('msg_1.5', T, BODY),
})
add('boundary: the id moves into the timestamp', 'header_malformed', {
  id: 'msg',
  timestamp: `1.${T}`,
  signature: v1('msg.1', T, BODY),
})
add('boundary: the start of the body moves into the timestamp', 'header_malformed', {
  timestamp: `${T}.1`,
  body: '2',
  signature: v1('msg_1', T, '1.2'),
})
add('boundary: the last digit of the timestamp moves into the body', 'signature_mismatch', {
  timestamp: T,
  body: `9.${BODY}`,
  signature: v1('msg_1', `${T}9`, BODY),
})
add('boundary: the id and its dot swallowed', 'header_malformed', {
  id: '',
  timestamp: T,
  signature: v1('', T, BODY),
})
add('boundary: one dot too many', 'signature_mismatch', { id: 'msg_1.', signature: good })
add('boundary: everything in the id', 'header_malformed', {
  id: `msg_1.${T}.rest`,
  timestamp: '',
  body: '',
  signature: v1('msg_1', T, 'rest'),
})
for (const digits of ['100000000', '1700000000', '17000000000', '999999999999']) {
  const signed = (id: string): Given => ({ id })
  add(`id with .${digits}.`, 'header_malformed', signed(`msg.${digits}.b`))
  add(`id that ends with .${digits}`, 'header_malformed', signed(`msg.${digits}`))
}
for (const id of [
  'msg.v1.0',
  'a.b.c.d',
  '1700000000',
  'msg_1700000000',
  'msg.12345678.b',
  'msg.1700000000000.b',
  'msg.0170000000.b',
  'msg.17000000x0.b',
  'msg-1700000000.b',
]) {
  add(`id ${id}`, 'accepted', { id })
}

// Timestamp spellings. Each one is signed as it stands, so only the rule can refuse it.
const spellings: Record<string, string> = {
  'plus sign': `+${T}`,
  'minus sign': `-${T}`,
  'space before': ` ${T}`,
  'space after': `${T} `,
  'space inside': '1700 000000',
  'tab after': `${T}\t`,
  'newline after': `${T}\n`,
  'NUL after': `${T}\0`,
  'no-break space before': `\u00a0${T}`,
  'fraction of zero': `${T}.0`,
  fraction: `${T}.5`,
  'trailing dot': `${T}.`,
  'leading zero': `0${T}`,
  'leading zeros to 13 digits': `000${T}`,
  'two zeros': '00',
  exponent: '1.7e9',
  'whole exponent': '17e8',
  'exponent of zero': `${T}e0`,
  hex: '0x6553f100',
  octal: '0o14524770400',
  binary: '0b1100101010100111111000100000000',
  underscores: '1_700_000_000',
  'thousands commas': '1,700,000,000',
  'full-width digits': '１７００００００００',
  'Arabic-Indic digits': '١٧٠٠٠٠٠٠٠٠',
  'one full-width digit': '170000000０',
  bigint: `${T}n`,
  'trailing letter': `${T}s`,
  'trailing comma': `${T},`,
  'joined without a space': `${T},${T}`,
  empty: '',
  'only a space': ' ',
  NaN: 'NaN',
  Infinity: 'Infinity',
  'minus zero': '-0',
  'ISO date': '2023-11-14T22:13:20Z',
  'milliseconds, 13 digits': `${T}000`,
  'another 13 digits': '9999999999999',
}
for (const [name, timestamp] of Object.entries(spellings)) {
  add(`timestamp: ${name}`, 'header_malformed', { timestamp })
}
add('timestamp: microseconds, 16 digits', 'timestamp_too_new', { timestamp: `${T}000000` })
add('timestamp: 12 digits', 'timestamp_too_new', { timestamp: '170000000000' })
add('timestamp: 30 digits', 'timestamp_too_new', { timestamp: '1'.repeat(30) })
add('timestamp: 400 digits', 'timestamp_too_new', { timestamp: '9'.repeat(400) })
add('timestamp: zero', 'timestamp_too_old', { timestamp: 0 })
add('timestamp: one digit', 'timestamp_too_old', { timestamp: 1 })

// Time.
add('time: exactly 300 s old', 'accepted', { timestamp: T - 300 })
add('time: exactly 300 s ahead', 'accepted', { timestamp: T + 300 })
add('time: 301 s old', 'timestamp_too_old', { timestamp: T - 301 })
add('time: 301 s ahead', 'timestamp_too_new', { timestamp: T + 301 })
add('time: 300.001 s old', 'timestamp_too_old', { timestamp: T - 300, now: T * 1000 + 1 })
add('time: 300.001 s ahead', 'timestamp_too_new', { timestamp: T + 300, now: T * 1000 - 1 })
add('time: 299.999 s old', 'accepted', { timestamp: T - 300, now: T * 1000 - 1 })
add('time: tolerance 0, to the millisecond', 'accepted', { options: { tolerance: 0 } })
add('time: tolerance 0 is not off', 'timestamp_too_old', {
  options: { tolerance: 0 },
  now: T * 1000 + 1,
})
add('time: tolerance of half a second', 'accepted', {
  options: { tolerance: 0.5 },
  now: T * 1000 + 500,
})
add('time: beyond half a second', 'timestamp_too_old', {
  options: { tolerance: 0.5 },
  now: T * 1000 + 501,
})
add('time: checked before the signature', 'timestamp_too_old', {
  timestamp: T - 301,
  signature: wrong,
})

// Header shapes.
const lower = ['webhook-id', 'webhook-timestamp', 'webhook-signature'] as const
const title = ['Webhook-Id', 'Webhook-Timestamp', 'Webhook-Signature'] as const
const upper = ['WEBHOOK-ID', 'WEBHOOK-TIMESTAMP', 'WEBHOOK-SIGNATURE'] as const
const mixed = ['wEbHoOk-iD', 'Webhook-timestamp', 'WEBHOOK-Signature'] as const
const shapes = [
  'record',
  'null-prototype',
  'arrays',
  'Headers',
  'Map',
  'get',
  'pairs',
  'raw',
] as const
for (const shape of shapes) {
  for (const [spelling, names] of Object.entries({ lower, title, upper, mixed })) {
    add(`headers: ${shape}, ${spelling} case`, 'accepted', { shape, names })
  }
  add(`headers: ${shape}, none at all`, 'header_missing', { shape, lines: [] })
  for (const left of lower) {
    const all = { 'webhook-id': 'msg_1', 'webhook-timestamp': String(T), 'webhook-signature': good }
    const others = Object.entries(all).filter(([name]) => name !== left)
    add(`headers: ${shape}, no ${left}`, 'header_missing', { shape, lines: others })
    add(`headers: ${shape}, empty ${left}`, 'header_malformed', {
      shape,
      lines: [...others, [left, '']],
    })
  }
  const others: [string, string][] = [
    ['host', 'example.com'],
    ['content-type', 'application/json'],
    ['x-webhook-id', 'other'],
    ['webhook-id-2', 'other'],
    ['svix-id', 'other'],
  ]
  add(`headers: ${shape}, among others`, 'accepted', {
    shape,
    lines: [
      ...others,
      ['webhook-id', 'msg_1'],
      ['webhook-timestamp', String(T)],
      ['webhook-signature', good],
    ],
  })
}
add('headers: record with undefined', 'header_missing', {
  lines: [
    ['webhook-id', null],
    ['webhook-timestamp', String(T)],
    ['webhook-signature', good],
  ],
})

// The same name more than once. In a record and a Map only another case can stand beside it.
const inCases: Record<string, readonly [StoredDelivery['shape'], string, string, string]> = {
  'record, two cases': ['record', 'webhook-', 'Webhook-', 'WEBHOOK-'],
  'array values': ['arrays', 'webhook-', 'webhook-', 'webhook-'],
  'array values in two cases': ['arrays', 'webhook-', 'Webhook-', 'WEBHOOK-'],
  'Headers lines': ['Headers', 'webhook-', 'Webhook-', 'WEBHOOK-'],
  'Map, two cases': ['Map', 'webhook-', 'Webhook-', 'WEBHOOK-'],
  'object with get': ['get', 'webhook-', 'Webhook-', 'webhook-'],
  pairs: ['pairs', 'webhook-', 'webhook-', 'webhook-'],
  'pairs in several cases': ['pairs', 'webhook-', 'Webhook-', 'WEBHOOK-'],
  rawHeaders: ['raw', 'Webhook-', 'Webhook-', 'Webhook-'],
  'rawHeaders in several cases': ['raw', 'webhook-', 'Webhook-', 'WEBHOOK-'],
}
for (const [where, [shape, one, two, three]] of Object.entries(inCases)) {
  const twice = (
    name: 'id' | 'timestamp' | 'signature',
    ...values: string[]
  ): StoredDelivery['lines'] => {
    const first = { id: 'msg_1', timestamp: String(T), signature: good }
    const kept = Object.entries(first).filter(([other]) => other !== name)
    const prefixes = [one, two, three]
    return [
      ...kept.map(([other, value]) => [`${one}${other}`, value] as const),
      ...values.map((value, index) => [`${prefixes[index]}${name}`, value] as const),
    ]
  }
  const refused = 'header_malformed'
  add(`twice: equal ids, ${where}`, 'accepted', { shape, lines: twice('id', 'msg_1', 'msg_1') })
  add(`twice: other id last, ${where}`, refused, { shape, lines: twice('id', 'msg_1', 'msg_2') })
  add(`twice: other id first, ${where}`, refused, { shape, lines: twice('id', 'msg_2', 'msg_1') })
  add(`twice: empty id last, ${where}`, refused, { shape, lines: twice('id', 'msg_1', '') })
  add(`twice: equal timestamps, ${where}`, 'accepted', {
    shape,
    lines: twice('timestamp', String(T), String(T)),
  })
  add(`twice: other timestamp last, ${where}`, refused, {
    shape,
    lines: twice('timestamp', String(T), String(T + 1)),
  })
  add(`twice: other timestamp first, ${where}`, refused, {
    shape,
    lines: twice('timestamp', String(T - 1), String(T)),
  })
  add(`twice: signature in the second line, ${where}`, 'accepted', {
    shape,
    lines: twice('signature', wrong, good),
  })
  add(`twice: signature in the first line, ${where}`, 'accepted', {
    shape,
    lines: twice('signature', good, wrong),
  })
  add(`twice: signature in neither line, ${where}`, 'signature_mismatch', {
    shape,
    lines: twice('signature', wrong, wrong),
  })
}
add("Node's join: equal ids", 'accepted', {
  lines: [
    ['webhook-id', 'msg_1, msg_1'],
    ['webhook-timestamp', `${T}, ${T}`],
    ['webhook-signature', good],
  ],
})
add("Node's join: three ids, the last another", 'header_malformed', {
  lines: [
    ['webhook-id', 'msg_1, msg_1, msg_2'],
    ['webhook-timestamp', String(T)],
    ['webhook-signature', good],
  ],
})
add("Node's join: two timestamps", 'header_malformed', {
  lines: [
    ['webhook-id', 'msg_1'],
    ['webhook-timestamp', `${T}, ${T + 1}`],
    ['webhook-signature', good],
  ],
})
add("Node's join: signatures", 'accepted', { signature: `${wrong}, ${good}` })
add("Node's join: lists of signatures", 'accepted', { signature: `${wrong} v2,x, v9,y ${good}` })

// Which names are read.
const svix = ['svix-id', 'svix-timestamp', 'svix-signature'] as const
const own = ['X-Id', 'X-Time', 'X-Sign'] as const
const both = (first: string): StoredDelivery['lines'] => [
  [svix[0], 'msg_1'],
  [svix[1], String(T)],
  [svix[2], good],
  [first, 'msg_1'],
]
add('names: svix alone', 'accepted', { names: svix })
for (const name of lower) {
  add(`names: svix whole, ${name} beside it`, 'header_missing', { lines: both(name) })
}
add('names: webhook wins over svix', 'accepted', {
  lines: [
    [svix[0], 'msg_9'],
    [svix[1], '1'],
    [svix[2], wrong],
    [lower[0], 'msg_1'],
    [lower[1], String(T)],
    [lower[2], good],
  ],
})
add('names: a bad webhook set is not rescued by svix', 'signature_mismatch', {
  lines: [
    [svix[0], 'msg_1'],
    [svix[1], String(T)],
    [svix[2], good],
    [lower[0], 'msg_1'],
    [lower[1], String(T)],
    [lower[2], wrong],
  ],
})
add('names: only webhook asked for', 'header_missing', {
  names: svix,
  options: { headers: 'webhook' },
})
add('names: only svix asked for', 'header_missing', { options: { headers: 'svix' } })
add('names: svix asked for', 'accepted', { names: svix, options: { headers: 'svix' } })
add('names: three of our own', 'accepted', { names: own, options: { headers: own } })
add('names: three of our own, any case', 'accepted', {
  names: ['x-id', 'X-TIME', 'x-Sign'],
  options: { headers: own },
})
add('names: three of our own, webhook sent', 'header_missing', { options: { headers: own } })

// Ids.
add('id of 1 character', 'accepted', { id: 'x' })
add('id of 256 characters', 'accepted', { id: 'x'.repeat(256) })
add('id of 257 characters', 'header_malformed', { id: 'x'.repeat(257) })
add('id of every visible character', 'accepted', {
  id: Array.from({ length: 94 }, (_, index) => String.fromCharCode(33 + index)).join(''),
})
for (const [name, char] of Object.entries({
  space: ' ',
  tab: '\t',
  newline: '\n',
  'carriage return': '\r',
  NUL: '\0',
  DEL: '\x7f',
  'latin letter': 'é',
  'no-break space': '\u00a0',
  'full-width letter': 'ｍ',
  emoji: '✓',
  'comma and space': ', ',
})) {
  add(`id with a ${name} inside`, 'header_malformed', { id: `msg${char}1` })
}
add('id with a space before', 'header_malformed', { id: ' msg_1' })
add('id with a newline after', 'header_malformed', { id: 'msg_1\n' })

// Signature lists. `bits` has the right MAC in its decoded bytes, with stray bits in the last character.
const mac = good.slice(3)
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const last = alphabet.indexOf(mac[42] ?? '')
const bits = `v1,${mac.slice(0, 42)}${alphabet[last + 1]}=`
assert.deepEqual(Buffer.from(bits.slice(3), 'base64'), Buffer.from(mac, 'base64'))
// One whose MAC holds + or /, so that base64url differs.
let urlId = 0
while (!/[+/]/.test(v1(`msg_${urlId}`, T, BODY))) urlId++
const list = (...items: string[]): Given => ({ signature: items.join(' ') })
const times = (count: number, item: string): string[] => Array.from({ length: count }, () => item)

add('signatures: right one last', 'accepted', list(wrong, wrong, good))
add('signatures: right one twice', 'accepted', list(good, good))
add(
  'signatures: unknown versions around it',
  'accepted',
  list('v0,x', 'v2,abc', good, 'v1b,x', 'k'),
)
add('signatures: only an unknown version', 'signature_mismatch', list(`v2,${mac}`))
add('signatures: only words', 'signature_mismatch', list('hello', 'world'))
add('signatures: 16 candidates', 'accepted', list(...times(15, wrong), good))
add('signatures: 17 candidates', 'header_malformed', list(...times(16, wrong), good))
add(
  'signatures: 17 candidates, right one first',
  'header_malformed',
  list(good, ...times(16, 'v2,x')),
)
const padding = 4096 - good.length - 1
add('signatures: 4096 characters', 'accepted', list('x'.repeat(padding), good))
add('signatures: 4097 characters', 'header_malformed', list('x'.repeat(padding + 1), good))
add('signatures: only spaces', 'header_malformed', { signature: '   ' })
add('signatures: 16 candidates, spaces around', 'accepted', {
  signature: ` ${[...times(15, wrong), good].join('  ')} `,
})
add('signatures: spaces around', 'accepted', { signature: `  ${good}   ${wrong} ` })
for (const [name, signature] of Object.entries({
  'a trailing part': `${good},x`,
  'a trailing comma': `${good},`,
  'a second signature after a comma': `${good},${good}`,
  'joined by a comma without a space': `${wrong},${good}`,
  'no padding': good.slice(0, -1),
  'padding twice': `${good}=`,
  'stray bits': bits,
  'one character short': `v1,${mac.slice(1)}`,
  'one character long': `v1,A${mac}`,
  'half of it': `v1,${mac.slice(0, 22)}`,
  'nothing after the comma': 'v1,',
  'no version': mac,
  'no comma': `v1${mac}`,
  'two commas': `v1,,${mac}`,
  'equals sign for comma': `v1=${mac}`,
  'colon for comma': `v1:${mac}`,
  'space after the comma': `v1, ${mac}`,
  'upper case version': `V1,${mac}`,
  'version v01': `v01,${mac}`,
  'version 1': `1,${mac}`,
  'version v1 and a tab': `v1\t,${mac}`,
  'a tab after it': `${good}\t`,
  'a newline after it': `${good}\n`,
  'a tab between two': `${wrong}\t${good}`,
  'a newline inside': `v1,${mac.slice(0, 20)}\n${mac.slice(20)}`,
  'in hex': `v1,${Buffer.from(mac, 'base64').toString('hex')}`,
  'in quotes': `"${good}"`,
  'of an empty body': v1('msg_1', T, ''),
  'of the body alone': `v1,${createHmac('sha256', KEY).update(BODY).digest('base64')}`,
  'with SHA-1': `v1,${createHmac('sha1', KEY)
    .update(content('msg_1', T, BODY))
    .digest('base64')}`,
  'with SHA-512': `v1,${createHmac('sha512', KEY)
    .update(content('msg_1', T, BODY))
    .digest('base64')}`,
  'with an empty key': v1('msg_1', T, BODY, new Uint8Array(0)),
  'with the secret itself as key': v1('msg_1', T, BODY, Buffer.from(SECRET)),
  'the MAC under v1a': `v1a,${mac}`,
})) {
  add(`signature: ${name}`, 'signature_mismatch', { signature })
}
for (const [name, encoding] of [
  ['base64url', (text: string) => text.replaceAll('+', '-').replaceAll('/', '_')],
  ['base64url unpadded', (text: string) => Buffer.from(text, 'base64').toString('base64url')],
] as const) {
  const signed = v1(`msg_${urlId}`, T, BODY).slice(3)
  add(`signature: ${name}`, 'signature_mismatch', {
    id: `msg_${urlId}`,
    signature: `v1,${encoding(signed)}`,
  })
}

// v1a, and that a key answers to one algorithm only.
const signedA = v1a('msg_1', T, BODY)
const macA = signedA.slice(4)
const lastA = alphabet.indexOf(macA[85] ?? '')
add('v1a: well-formed', 'accepted', { secret: PUBLIC, signature: signedA })
add('v1a: among others', 'accepted', { secret: PUBLIC, ...list(good, 'v2,x', signedA) })
add('v1a: both keys, v1 sent', 'accepted', { secret: [PUBLIC, SECRET] })
add('v1a: both keys, v1a sent', 'accepted', { secret: [SECRET, PUBLIC], signature: signedA })
add('v1a: tampered', 'signature_mismatch', {
  secret: PUBLIC,
  body: `${BODY} `,
  signature: signedA,
})
add('v1a: under an HMAC key', 'signature_mismatch', { signature: signedA })
for (const [name, signature] of Object.entries({
  'v1 under a public key': good,
  'HMAC by the public key bytes': v1('msg_1', T, BODY, publicBytes),
  'HMAC by the public key bytes, as v1a': `v1a,${v1('msg_1', T, BODY, publicBytes).slice(3)}`,
  'HMAC by the public key text': v1('msg_1', T, BODY, Buffer.from(PUBLIC)),
  'its signature as v1': `v1,${macA}`,
  'its signature twice over': `v1a,${macA}${macA}`,
  unpadded: signedA.slice(0, -2),
  'half padded': signedA.slice(0, -1),
  'stray bits': `v1a,${macA.slice(0, 85)}${alphabet[lastA + 1]}==`,
  'a trailing part': `${signedA},x`,
  'all zeros': `v1a,${Buffer.alloc(64).toString('base64')}`,
  empty: 'v1a,',
})) {
  add(`v1a: ${name}`, 'signature_mismatch', { secret: PUBLIC, signature })
}

// Key formats: the same key in every spelling, then what must not become a key.
const TEXT_KEY = 'the characters themselves are the key'
const withKey = (key: Uint8Array): Given => ({ signature: v1('msg_1', T, BODY, key) })
const formats: Record<string, StoredSecret> = {
  'wh_, base64': `wh_${STANDARD}`,
  'whsec_, base64': `whsec_${STANDARD}`,
  'bare base64': STANDARD,
  'wh_, base64url': `wh_${URL_SAFE}`,
  'wh_, base64url padded': `wh_${URL_SAFE}=`,
  'whsec_, base64url': `whsec_${URL_SAFE}`,
  'bare base64url': URL_SAFE,
  'wh_, unpadded': `wh_${STANDARD.slice(0, -1)}`,
  'whsec_, unpadded': `whsec_${STANDARD.slice(0, -1)}`,
  'bare, unpadded': STANDARD.slice(0, -1),
  'v1, before whsec_': `v1,whsec_${STANDARD}`,
  'v1, before wh_': `v1,wh_${STANDARD}`,
  'v1, before base64': `v1,${STANDARD}`,
  'space around': `  ${SECRET} `,
  'newline after': `${SECRET}\n`,
  'tab, no-break space and CRLF around': `\t\u00a0${SECRET}\r\n`,
  'space before v1,': ` v1,whsec_${STANDARD}`,
  'key bytes': { bytes: STANDARD },
  'encoding base64': { value: STANDARD, encoding: 'base64' },
  'encoding base64, base64url': { value: URL_SAFE, encoding: 'base64' },
  'encoding hex': { value: KEY.toString('hex'), encoding: 'hex' },
  'encoding hex, space around': { value: ` ${KEY.toString('hex')}\n`, encoding: 'hex' },
  'encoding base64, space around': { value: `\n${STANDARD} `, encoding: 'base64' },
  'encoding base64, prefix and all': { value: `v1,whsec_${STANDARD}`, encoding: 'base64' },
  'encoding hex, upper case': { value: KEY.toString('hex').toUpperCase(), encoding: 'hex' },
}
for (const [name, secret] of Object.entries(formats)) add(`key: ${name}`, 'accepted', { secret })

const utf8 = { value: TEXT_KEY, encoding: 'utf8' }
add('key: encoding utf8', 'accepted', { secret: utf8, ...withKey(Buffer.from(TEXT_KEY)) })
add('key: encoding utf8 keeps the prefix', 'accepted', {
  secret: { value: SECRET, encoding: 'utf8' },
  ...withKey(Buffer.from(SECRET)),
})
add('key: encoding utf8 is not base64', 'signature_mismatch', {
  secret: { value: SECRET, encoding: 'utf8' },
})
add('key: encoding utf8, not ASCII', 'accepted', {
  secret: { value: 'schlüssel schlüssel schlüssel', encoding: 'utf8' },
  ...withKey(Buffer.from('schlüssel schlüssel schlüssel')),
})
for (const length of [24, 64, 65, 200]) {
  const key = counted(length)
  add(`key: ${length} bytes`, 'accepted', {
    secret: `wh_${key.toString('base64')}`,
    ...withKey(key),
  })
  add(`key: ${length} bytes as they are`, 'accepted', {
    secret: { bytes: key.toString('base64') },
    ...withKey(key),
  })
}
const underscore = Buffer.concat([Buffer.alloc(32, 0xff), Buffer.of(0xfe)])
add('key: _ inside is part of the key', 'accepted', {
  secret: `wh_${underscore.toString('base64url')}`,
  ...withKey(underscore),
})
const shown = Buffer.from('asdf1234', 'base64')
add('key: short one allowed by minSecretBytes', 'accepted', {
  secret: 'wh_asdf1234',
  options: { minSecretBytes: 6 },
  ...withKey(shown),
})

const unusable: Record<string, StoredSecret | readonly StoredSecret[]> = {
  'the example of the documents': 'wh_asdf1234',
  '23 bytes': `wh_${Buffer.alloc(23, 7).toString('base64')}`,
  '23 bytes as they are': { bytes: Buffer.alloc(23, 7).toString('base64') },
  '23 bytes in utf8': { value: 'x'.repeat(23), encoding: 'utf8' },
  '23 bytes in hex': { value: 'ab'.repeat(23), encoding: 'hex' },
  'one usable, one short': [SECRET, 'wh_asdf1234'],
  'mixed alphabets': `wh_${STANDARD.replace('+', '-')}`,
  'stray bits': `wh_${STANDARD.slice(0, -2)}9=`,
  'stray bits, unpadded': `wh_${STANDARD.slice(0, -2)}9`,
  'a character too many': `wh_${STANDARD.slice(0, -1)}AA`,
  'padding inside': `wh_${STANDARD}${STANDARD}`,
  'padding too long': `wh_${STANDARD}=`,
  'padding too short': `wh_${Buffer.alloc(31, 7).toString('base64').slice(0, -1)}`,
  'padding alone': '==',
  'space inside': `wh_${STANDARD.slice(0, 20)} ${STANDARD.slice(20)}`,
  'newline inside': `wh_${STANDARD.slice(0, 20)}\n${STANDARD.slice(20)}`,
  'an odd character after enough bytes': `wh_${STANDARD.slice(0, 40)}!${STANDARD.slice(41)}`,
  'a dot': `wh_${STANDARD.slice(0, 40)}.`,
  'a letter that is not ASCII': `wh_${'é'.repeat(40)}`,
  'quotes around': `"${SECRET}"`,
  'a private key': `whsk_${Buffer.alloc(64, 7).toString('base64')}`,
  'a private key, unpadded': `whsk_${Buffer.alloc(64, 7).toString('base64url')}`,
  'v1, before a private key': `v1,whsk_${Buffer.alloc(64, 7).toString('base64')}`,
  'a public key of 31 bytes': `whpk_${Buffer.alloc(31, 7).toString('base64')}`,
  'a public key of 33 bytes': `whpk_${Buffer.alloc(33, 7).toString('base64')}`,
  'a public key of nothing': 'whpk_',
  'a public key as base64 text': {
    value: `whpk_${publicBytes.toString('base64url')}`,
    encoding: 'base64',
  },
  'hex of odd length': { value: `${KEY.toString('hex')}0`, encoding: 'hex' },
  'hex with another letter': { value: `${KEY.toString('hex')}0g`, encoding: 'hex' },
  'hex with 0x': { value: `0x${KEY.toString('hex')}`, encoding: 'hex' },
  'an unknown encoding': { value: STANDARD, encoding: 'ascii' },
  'an inherited encoding': { value: STANDARD, encoding: 'constructor' },
  'zeros as they are': { bytes: Buffer.alloc(32).toString('base64') },
  'zeros in base64': `whsec_${'A'.repeat(43)}=`,
  'zeros in hex': { value: '00'.repeat(32), encoding: 'hex' },
  'one byte repeated': `wh_${Buffer.alloc(40, 7).toString('base64')}`,
  'one character repeated': { value: 'x'.repeat(32), encoding: 'utf8' },
  'zeros beside a usable one': [SECRET, { bytes: Buffer.alloc(32).toString('base64') }],
  'base64 text that is none': { value: `${STANDARD}!`, encoding: 'base64' },
}
for (const [name, secret] of Object.entries(unusable)) add(`key: ${name}`, 'TypeError', { secret })

const empties: Record<string, StoredSecret | readonly StoredSecret[]> = {
  'no text': '',
  'only space': ' \n',
  'only wh_': 'wh_',
  'only whsec_': 'whsec_',
  'only v1,': 'v1,',
  'only v1,whsec_': 'v1,whsec_',
  'only whpk_': 'whpk_',
  'wh_ and space': 'wh_ ',
  'no bytes': { bytes: '' },
  'no utf8': { value: '', encoding: 'utf8' },
  'no hex': { value: '', encoding: 'hex' },
  'no base64': { value: '', encoding: 'base64' },
  'only a prefix in base64': { value: 'whsec_', encoding: 'base64' },
  'an empty list': [],
  'a list with an empty one': [SECRET, ''],
  'a list with empty bytes': [SECRET, { bytes: '' }],
}
for (const [name, secret] of Object.entries(empties)) {
  const emptyKey = withKey(new Uint8Array(0))
  add(`empty key: ${name}`, 'TypeError', { secret, ...emptyKey })
  add(`empty key: ${name}, minSecretBytes 1`, 'TypeError', {
    secret,
    options: { minSecretBytes: 1 },
    ...emptyKey,
  })
  add(`empty key: ${name}, minSecretBytes 0`, 'TypeError', {
    secret,
    options: { minSecretBytes: 0 },
    ...emptyKey,
  })
}

// Bodies.
for (const kind of ['string', 'buffer', 'offset', 'arraybuffer', 'dataview', 'realm'] as const) {
  add(`body: ${kind}`, 'accepted', { kind, payload: JSON.parse(BODY) })
  add(`body: ${kind}, empty`, 'accepted', { kind, body: '' })
  add(`body: ${kind}, tampered`, 'signature_mismatch', { kind, body: `${BODY}\n`, signature: good })
}
for (const parsed of [
  BODY,
  '[]',
  '[1,2]',
  '{}',
  'null',
  '1',
  'true',
  '{"type":"Buffer","data":[1]}',
]) {
  add(`body: parsed ${parsed}`, 'body_unavailable', { parsed })
}
const binary = Buffer.from([0x22, 0xff, 0xfe, 0x22])
add('body: byte order mark before JSON', 'accepted', {
  kind: 'buffer',
  body: `\ufeff${BODY}`,
  payload: JSON.parse(BODY),
})
add('body: byte order mark dropped on the way', 'signature_mismatch', {
  body: BODY,
  signature: v1('msg_1', T, `\ufeff${BODY}`),
})
add('body: invalid UTF-8', 'payload_invalid', { kind: 'buffer', body: binary })
add('body: invalid UTF-8, not parsed', 'accepted', {
  kind: 'buffer',
  body: binary,
  options: { parse: 'none' },
})
add('body: invalid UTF-8, decoded on the way', 'signature_mismatch', {
  kind: 'string',
  body: '"\ufffd\ufffd"',
  signature: v1('msg_1', T, binary),
})
add('body: every byte, not parsed', 'accepted', {
  kind: 'buffer',
  body: Uint8Array.from({ length: 256 }, (_, index) => index),
  options: { parse: 'none' },
})
const promiseLike = '{"then":1,"catch":{}}'
add('body: JSON that looks like a promise', 'accepted', {
  body: promiseLike,
  payload: JSON.parse(promiseLike),
})
add('body: JSON null', 'accepted', { body: 'null', payload: null })
add('body: JSON string', 'accepted', { body: '"text"', payload: 'text' })
add('body: JSON with white space', 'accepted', { body: '\r\n { "a" : 1 }\t', payload: { a: 1 } })
for (const [name, body] of Object.entries({
  'cut short': '{"a":',
  'two values': '{}{}',
  'plain text': 'hello',
  'form data': 'a=1&b=2',
  'only space': ' ',
  'only a byte order mark': '\ufeff',
  'a comment': '{/**/}',
  NUL: '{}\0',
})) {
  add(`body: not JSON, ${name}`, 'payload_invalid', { body, kind: 'buffer' })
  add(`body: not JSON, ${name}, forged`, 'signature_mismatch', { body, signature: good })
}
add('body: composed and decomposed letters differ', 'signature_mismatch', {
  body: BODY.normalize('NFD'),
  signature: good,
})
add('body: CRLF for LF', 'signature_mismatch', {
  body: '{\r\n}',
  signature: v1('msg_1', T, '{\n}'),
})

writeFileSync(
  new URL('deliveries.json', import.meta.url),
  `${JSON.stringify(deliveries, undefined, 2)}\n`,
)
console.log(`${deliveries.length} deliveries`)
