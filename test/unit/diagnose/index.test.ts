import { createHash, createHmac } from 'node:crypto'
import { inspect } from 'node:util'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { describe, expect, jest, test } from '@jest/globals'
import { type Cause, type DiagnoseOptions, type Diagnosis, diagnose } from 'countersign/diagnose'
import { createSigner, generateKeyPair } from 'countersign/sign'

// Some thousand trials each, on machines that are busy with other things.
jest.setTimeout(60_000)

const NOW = 1_700_000_000
const ID = 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W'
const KEY = Buffer.from(createHash('sha256').update('one').digest())
const SECRET = `wh_${KEY.toString('base64')}`
const OTHER = `whsec_${createHash('sha256').update('two').digest('base64')}`
const BODY =
  '{"id":"evt_1","type":"user.created","created":1699990000,"data":{"name":"Zoë 🎉","url":"https://a.example/b","tags":[],"n":1.50,"nested":{"ok":true,"list":[1,2,{"x":null}]}}}'

interface Mac {
  key?: Uint8Array | string
  id?: string
  timestamp?: string
  body?: string | Uint8Array
  algorithm?: string
}

function mac({ key = KEY, id = ID, timestamp = `${NOW}`, body = BODY, algorithm = 'sha256' }: Mac) {
  return createHmac(algorithm, key).update(`${id}.${timestamp}.`).update(body).digest()
}

function headersOf(signature: string, id = ID, timestamp = `${NOW}`): Record<string, string> {
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature }
}

/** What arrived (`body`) when something else (`signed`) was signed. */
function changed(body: unknown, signed: string | Uint8Array): DiagnoseOptions {
  const signature = `v1,${mac({ body: signed }).toString('base64')}`
  return { body: body as string, headers: headersOf(signature), secret: SECRET }
}

/** Signed with a key that is not the secret's. */
function keyed(key: Uint8Array | string, secret: DiagnoseOptions['secret'] = SECRET) {
  return { body: BODY, secret, headers: headersOf(`v1,${mac({ key }).toString('base64')}`) }
}

/** Written otherwise. */
function written(write: (mac: Buffer) => string): DiagnoseOptions {
  return { body: BODY, secret: SECRET, headers: headersOf(write(mac({}))) }
}

function labelled(extra: Record<string, string>, signed: Mac, own = headersOf('')) {
  const signature = `v1,${mac(signed).toString('base64')}`
  return {
    body: BODY,
    secret: SECRET,
    headers: { ...own, ...extra, 'webhook-signature': signature },
  }
}

const URL_ID = ['a', 'b', 'c', 'd', 'e', 'f', 'g']
  .filter((id) => /[+/]/.test(mac({ id }).toString('base64')))
  .join('')
  .charAt(0)
const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1')
const value = JSON.parse(BODY)
const pretty = JSON.stringify(value, null, 2)
const ascii = BODY.replace(
  /[\u0080-\uffff]/g,
  (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
)
const URL_SECRET = `whsec_${Buffer.from('fbff7e3e'.repeat(8), 'hex').toString('base64url')}`
const UNDERSCORED = 'whsec_abcdefghijkl_nopqrstuvwxyzABCDEFGHIJKLMNOPQ'
const bare = SECRET.slice(3)
const THIRD = `wh_${createHash('sha256').update('three').digest('base64')}`
const DOT_NET = '{"a":"\\u00E9\\u0027\\u002B\\u003C\\u0022"}'
const WINDOWS = '{\r\n  "a": [\r\n    1\r\n  ]\r\n}'
const mojibake = (text: string): string => Buffer.from(text).toString('latin1')
const swapped = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16()

const cases: readonly (readonly [Cause, string, DiagnoseOptions])[] = [
  [
    'body_reserialised',
    'signed pretty-printed, arrived minified',
    changed(JSON.stringify(value), pretty),
  ],
  [
    'body_reserialised',
    'signed minified, arrived pretty-printed',
    changed(
      JSON.stringify(JSON.parse('{"a":[1,{"b":"c"}],"d":{}}'), null, 2),
      '{"a":[1,{"b":"c"}],"d":{}}',
    ),
  ],
  [
    'body_reserialised',
    'signed with 4 spaces',
    changed('{"a":[1,{"b":"c"}],"d":{}}', JSON.stringify({ a: [1, { b: 'c' }], d: {} }, null, 4)),
  ],
  ['body_reserialised', 'signed with tabs', changed('{"a":1}', '{\n\t"a": 1\n}')],
  ['body_reserialised', 'signed by Python', changed('{"a":1,"b":[1,2]}', '{"a": 1, "b": [1, 2]}')],
  [
    'body_reserialised',
    'signed by Python, escaped',
    changed('{"a":"é","b":[1,2]}', '{"a": "\\u00e9", "b": [1, 2]}'),
  ],
  ['body_reserialised', 'signed by PHP', changed('{"a":"é/x"}', '{"a":"\\u00e9\\/x"}')],
  ['body_reserialised', 'signed by Go', changed('{"a":"<b>&"}', '{"a":"\\u003cb\\u003e\\u0026"}')],
  ['body_reserialised', 'numbers normalised', changed(pretty, JSON.stringify(value))],
  ['body_reserialised', 'pretty-printed and a newline', changed('{"a":1}', '{\n  "a": 1\n}\n')],
  ['body_reserialised', 'keys sorted when signed', changed('{"b":1,"a":2}', '{"a":2,"b":1}')],
  ['body_reserialised', 'signed with 3 spaces', changed('{"a":1}', '{\n   "a": 1\n}')],
  ['body_reserialised', 'signed by .NET', changed(`{"a":"é'+<\\""}`, DOT_NET)],
  ['body_reserialised', 'signed by .NET on Windows', changed('{"a":[1]}', WINDOWS)],
  [
    'body_reserialised',
    'signed by Gson',
    changed(`{"a":"b='c'"}`, '{"a":"b\\u003d\\u0027c\\u0027"}'),
  ],
  [
    'body_reserialised',
    'signed by Jackson, pretty-printed',
    changed('{"a":[1,{"b":[]}]}', '{\n  "a" : [ 1, {\n    "b" : [ ]\n  } ]\n}'),
  ],
  ['body_reserialised', 'floats', changed('{"a":1,"b":2.5,"c":30}', '{"a":1.0,"b":2.5,"c":30.0}')],
  ['body_reserialised', 'prices', changed('{"a":10,"b":2.5}', '{"a":10.00,"b":2.50}')],
  [
    'body_reserialised',
    'a float in Python',
    changed('{"a":"é","b":1}', '{"a": "\\u00e9", "b": 1.0}'),
  ],
  ['body_reserialised', 'a double in Java', changed('{"a":15000000}', '{"a":1.5E7}')],
  ['body_reserialised', 'a large double', changed('{"a":1e+21}', '{"a":1.0E21}')],
  ['body_reserialised', 'a small number', changed('{"a":1e-7}', '{"a":0.0000001}')],
  ['body_reserialised', 'minus zero', changed('{"a":0}', '{"a":-0.0}')],
  ['body_whitespace', 'newline added', changed(`${BODY}\n`, BODY)],
  ['body_whitespace', 'newline stripped', changed(BODY, `${BODY}\n`)],
  ['body_whitespace', 'CRLF stripped', changed(BODY, `${BODY}\r\n`)],
  ['body_whitespace', 'space stripped', changed(BODY, `${BODY} `)],
  ['body_whitespace', 'white space added around', changed(`  ${BODY} \n`, BODY)],
  ['body_whitespace', 'a NUL at the end', changed(`${BODY}\0`, BODY)],
  [
    'body_line_endings',
    'and the last one lost',
    changed(pretty, `${pretty}\n`.replaceAll('\n', '\r\n')),
  ],
  ['body_whitespace', 'text that is not JSON', changed('plain\n', 'plain')],
  ['body_line_endings', 'CRLF to LF', changed('{\n"a":1\n}', '{\r\n"a":1\r\n}')],
  ['body_line_endings', 'LF to CRLF', changed('{\r\n"a":1\r\n}', '{\n"a":1\n}')],
  ['body_bom', 'stripped', changed(BODY, `\ufeff${BODY}`)],
  ['body_bom', 'added', changed(`\ufeff${BODY}`, BODY)],
  [
    'body_decoded_with_loss',
    'one byte lost',
    changed(latin1('{"a":"é"}').toString(), latin1('{"a":"é"}')),
  ],
  [
    'body_decoded_with_loss',
    'many bytes lost',
    changed(
      Buffer.from([0xff, 0xfe, 0x80, 0xc0, 0x41]).toString(),
      Buffer.from([0xff, 0xfe, 0x80, 0xc0, 0x41]),
    ),
  ],
  [
    'body_decoded_with_loss',
    'signed after the loss',
    changed(latin1('{"a":"é"}'), latin1('{"a":"é"}').toString()),
  ],
  ['body_latin1', 'UTF-8 taken for Latin-1', changed(Buffer.from(BODY).toString('latin1'), BODY)],
  ['body_latin1', 'UTF-8 written as Latin-1', changed(latin1('{"a":"é"}'), '{"a":"é"}')],
  ['body_latin1', 'Latin-1 written as UTF-8', changed('{"a":"é"}', latin1('{"a":"é"}'))],
  ['body_latin1', 'Windows-1252', changed('{"a":"â‚¬"}', '{"a":"€"}')],
  ['body_latin1', 'twice', changed(mojibake(mojibake(BODY)), BODY)],
  ['body_utf16', 'arrived as UTF-16, big end first', changed(swapped(BODY), BODY)],
  ['body_utf16', 'arrived as UTF-16', changed(Buffer.from(BODY, 'utf16le'), BODY)],
  ['body_normalised', 'decomposed', changed('{"a":"é"}'.normalize('NFD'), '{"a":"é"}')],
  ['body_compressed', 'arrived compressed', changed(gzipSync(BODY), BODY)],
  ['body_base64', 'arrived as base64', changed(Buffer.from(BODY).toString('base64'), BODY)],
  ['body_base64', 'signed as base64url', changed(BODY, Buffer.from(BODY).toString('base64url'))],
  ['body_base64', 'signed as base64', changed(BODY, Buffer.from(BODY).toString('base64'))],
  ['body_hex', 'arrived as hex', changed(Buffer.from(BODY).toString('hex'), BODY)],
  ['body_unicode_escaped', 'escapes resolved', changed(BODY, ascii)],
  ['body_unicode_escaped', 'characters escaped', changed(ascii, BODY)],
  ['body_json_string', 'serialised twice', changed(JSON.stringify(BODY), BODY)],
  [
    'body_wrapped',
    'the event of a function',
    changed(JSON.stringify({ version: '2.0', body: BODY, isBase64Encoded: false }), BODY),
  ],
  [
    'body_wrapped',
    'base64 in the event',
    changed(
      JSON.stringify({ body: Buffer.from(BODY).toString('base64'), isBase64Encoded: true }),
      BODY,
    ),
  ],
  ['body_parsed', 'an object', changed(value, JSON.stringify(value))],
  ['body_parsed', 'an object, signed pretty', changed(value, pretty)],
  ['body_parsed', '[object Object]', changed('[object Object]', BODY)],
  ['body_parsed', 'a Buffer as JSON', changed(JSON.stringify(Buffer.from(BODY)), BODY)],
  [
    'body_parsed',
    'a Uint8Array as JSON',
    changed(JSON.stringify(new Uint8Array(Buffer.from(BODY))), BODY),
  ],
  ['body_url_encoded', 'percent-encoded', changed(encodeURIComponent(BODY), BODY)],
  [
    'body_url_encoded',
    'a form field',
    changed(`payload=${encodeURIComponent('{"a":"b c"}')}`, '{"a":"b c"}'),
  ],
  [
    'body_html_escaped',
    'escaped',
    changed('{&quot;a&quot;:&quot;&amp;&#39;&quot;}', '{"a":"&\'"}'),
  ],
  [
    'body_chunked',
    'chunk lengths left in',
    changed(`5\r\n{"a":\r\n2\r\n1}\r\n0\r\n\r\n`, '{"a":1}'),
  ],
  ['body_empty', 'drained', changed('', BODY)],
  ['body_empty', 'signed without', changed(BODY, '')],
  [
    'body_length',
    'cut short',
    {
      ...changed(BODY.slice(0, 50), BODY),
      headers: { ...changed('', BODY).headers, 'content-length': `${Buffer.byteLength(BODY)}` },
    },
  ],
  ['secret_used_as_text', 'with its prefix', keyed(SECRET)],
  ['secret_used_as_text', 'without its prefix', keyed(bare)],
  ['secret_used_as_text', 'bytes of the characters given', keyed(KEY, Buffer.from(SECRET))],
  [
    'secret_used_as_text',
    'really characters',
    keyed('a plain key of thirty-two chars.', 'a plain key of thirty-two chars.'),
  ],
  ['secret_decoded_to_text', 'atob', keyed(KEY.toString('latin1'))],
  ['secret_decoded_to_text', 'toString', keyed(KEY.toString())],
  ['secret_hex', 'the key as hexadecimal text', keyed(KEY.toString('hex'))],
  ['secret_is_base64', 'encoding utf8 given', keyed(KEY, { value: SECRET, encoding: 'utf8' })],
  ['secret_prefix_kept', 'Node', keyed(Buffer.from(SECRET, 'base64'))],
  ['secret_prefix_kept', 'Node, whsec_', keyed(Buffer.from(OTHER, 'base64'), OTHER)],
  ['secret_hex', 'hex taken for base64', keyed(KEY, KEY.toString('hex'))],
  ['secret_hex', 'hex with a prefix', keyed(KEY, `whsec_${KEY.toString('hex')}`)],
  [
    'secret_base64url',
    'plain decoder skips',
    keyed(Buffer.from(URL_SECRET.slice(6).replace(/[-_]/g, ''), 'base64'), URL_SECRET),
  ],
  ['secret_whitespace', 'newline in the key', keyed(`${SECRET}\n`)],
  ['secret_whitespace', 'space in front of the key', keyed(` ${SECRET}`)],
  ['secret_quoted', 'quotes left on', keyed(KEY, `"${SECRET}"`)],
  ['secret_quoted', 'variable name left on', keyed(KEY, `WEBHOOK_SECRET=${SECRET}`)],
  ['secret_stray_characters', 'not base64', keyed(KEY, `wh_${bare.slice(0, 9)} ${bare.slice(9)}`)],
  ['secret_cut_at_underscore', 'split', keyed(Buffer.from('abcdefghijkl', 'base64'), UNDERSCORED)],
  ['secret_cut_short', 'last character lost', keyed(KEY, SECRET.replace(/.=+$/, ''))],
  ['secret_cut_short', 'first character lost', keyed(KEY, `wh_${bare.slice(1)}`)],
  [
    'secret_double_encoded',
    'base64 of the secret',
    keyed(KEY, Buffer.from(SECRET).toString('base64')),
  ],
  [
    'secret_double_encoded',
    'with a newline',
    keyed(KEY, Buffer.from(`${SECRET}\n`).toString('base64')),
  ],
  [
    'secret_double_encoded',
    'the key is base64 of all of it',
    keyed(Buffer.from(SECRET).toString('base64')),
  ],
  ['secret_url_encoded', 'percent-encoded', keyed(KEY, encodeURIComponent(SECRET))],
  ['secret_other', 'the second one', keyed(KEY, [OTHER, SECRET])],
  ['secret_previous', 'before the rotation', { ...keyed(KEY, OTHER), previous: SECRET }],
  ['secret_previous', 'used as text', { ...keyed(SECRET, OTHER), previous: [THIRD, SECRET] }],
  ['secret_empty', 'nothing', keyed('')],
  ['secret_empty', 'undefined', keyed('undefined')],
  ['secret_too_short', 'the example', keyed(Buffer.from('asdf1234', 'base64'), 'wh_asdf1234')],
  ['secret_unusable', 'not set', { ...keyed(KEY), secret: undefined as never }],
  ['secret_unusable', 'dirty', keyed(KEY, 'whsec_$$$')],
  ['secret_wrong', 'another', keyed(KEY, OTHER)],
  ['id_from_elsewhere', 'from the payload', labelled({}, { id: 'evt_1' }, headersOf(''))],
  [
    'id_from_elsewhere',
    'from another header',
    labelled({ 'x-request-id': 'req_1' }, { id: 'req_1' }, headersOf('')),
  ],
  [
    'id_from_elsewhere',
    'from the header of a delivery',
    labelled({ 'x-github-delivery': 'dlv_1' }, { id: 'dlv_1' }, headersOf('')),
  ],
  [
    'timestamp_from_elsewhere',
    'from the payload',
    labelled({}, { timestamp: '1699990000' }, headersOf('')),
  ],
  [
    'timestamp_from_elsewhere',
    'from the date header',
    labelled(
      { date: new Date((NOW - 9) * 1000).toUTCString() },
      { timestamp: `${NOW - 9}` },
      headersOf(''),
    ),
  ],
  [
    'timestamp_from_elsewhere',
    'set anew',
    labelled({}, { timestamp: `${NOW - 77}` }, headersOf('')),
  ],
  [
    'timestamp_in_milliseconds',
    'in header and signature',
    labelled({}, { timestamp: `${NOW}123` }, headersOf('', ID, `${NOW}123`)),
  ],
  ['timestamp_in_milliseconds', 'in the header', labelled({}, {}, headersOf('', ID, `${NOW}123`))],
  [
    'timestamp_in_milliseconds',
    'in the signature',
    labelled({}, { timestamp: `${NOW}000` }, headersOf('')),
  ],
  [
    'timestamp_in_milliseconds',
    'signed with those the header has lost',
    labelled({}, { timestamp: `${NOW}987` }, headersOf('')),
  ],
  [
    'timestamp_in_milliseconds',
    'microseconds',
    labelled({}, { timestamp: `${NOW}123456` }, headersOf('', ID, `${NOW}123456`)),
  ],
  [
    'timestamp_not_seconds',
    'signed as ISO 8601, sent as seconds',
    labelled({}, { timestamp: new Date(NOW * 1000).toISOString() }, headersOf('')),
  ],
  [
    'timestamp_not_seconds',
    'ISO 8601',
    labelled({}, {}, headersOf('', ID, new Date(NOW * 1000).toISOString())),
  ],
  [
    'timestamp_not_seconds',
    'ISO 8601, signed so',
    labelled(
      {},
      { timestamp: new Date(NOW * 1000).toISOString() },
      headersOf('', ID, new Date(NOW * 1000).toISOString()),
    ),
  ],
  [
    'timestamp_not_seconds',
    'a fraction',
    labelled({}, { timestamp: `${NOW}.5` }, headersOf('', ID, `${NOW}.5`)),
  ],
  ['signature_hex', 'v1,hex', written((mac) => `v1,${mac.toString('hex')}`)],
  ['signature_hex', '0x', written((mac) => `v1,0x${mac.toString('hex')}`)],
  ['signature_extra_text', 'a space for a comma', written((mac) => `v1 ${mac.toString('base64')}`)],
  [
    'signature_truncated',
    'with dots for the rest',
    written((mac) => `v1,${mac.toString('base64').slice(0, 30)}...`),
  ],
  ['signature_hex', 'bare hex', written((mac) => mac.toString('hex'))],
  ['signature_hex', 'sha256=hex', written((mac) => `sha256=${mac.toString('hex')}`)],
  [
    'signature_hex',
    'base64 of hex',
    written((mac) => `v1,${Buffer.from(mac.toString('hex')).toString('base64')}`),
  ],
  [
    'signature_base64url',
    'without padding',
    {
      body: BODY,
      secret: SECRET,
      headers: headersOf(`v1,${mac({ id: URL_ID }).toString('base64url')}`, URL_ID),
    },
  ],
  ['body_reserialised', 'a float lost its zero', changed('{"a":1,"b":2}', '{"a":1,"b":2.0}')],
  ['body_reserialised', 'a price lost its zero', changed('{"a":1.5}', '{"a":1.50}')],
  [
    'body_reserialised',
    'a large number was rounded',
    changed('{"id":12345678901234567000}', '{"id":12345678901234567890}'),
  ],
  ['body_reserialised', 'spaces inside braces', changed('{"a":[1]}', '{ "a": [ 1 ] }')],
  ['body_reserialised', 'keys sorted by Python', changed('{"b":1,"a":[]}', '{"a": [], "b": 1}')],
  ['body_compressed', 'inflated on the way', changed(BODY, gzipSync(BODY))],
  ['body_length', 'broken off', changed(BODY.slice(0, 60), BODY)],
  ['body_compressed', 'brotli', changed(brotliCompressSync(BODY), BODY)],
  ['body_latin1', 'characters lost', changed(latin1(BODY), BODY)],
  [
    'secret_whitespace',
    'newline in an encoded secret',
    keyed('thirty-two characters of a secret', {
      value: 'thirty-two characters of a secret\n',
      encoding: 'utf8',
    }),
  ],
  [
    'secret_base64url',
    'as text in the other alphabet',
    keyed(URL_SECRET.slice(6).replaceAll('-', '+').replaceAll('_', '/'), URL_SECRET),
  ],
  ['signature_without_version', 'bare base64', written((mac) => mac.toString('base64'))],
  [
    'signature_unpadded',
    'no padding',
    written((mac) => `v1,${mac.toString('base64').slice(0, -1)}`),
  ],
  ['signature_version', 'labelled v1a', written((mac) => `v1a,${mac.toString('base64')}`)],
  ['signature_version', 'labelled v2', written((mac) => `v2,${mac.toString('base64')}`)],
  ['signature_extra_text', 'v1=', written((mac) => `v1=${mac.toString('base64')}`)],
  ['signature_extra_text', 'a third field', written((mac) => `v1,${mac.toString('base64')},x`)],
  [
    'signature_url_encoded',
    'percent-encoded',
    written((mac) => encodeURIComponent(`v1,${mac.toString('base64')}`)),
  ],
  ['signature_truncated', 'cut', written((mac) => `v1,${mac.toString('base64').slice(0, 20)}`)],
  [
    'headers_joined',
    'signatures with a comma',
    written((mac) => `v1,${KEY.toString('base64')},v1,${mac.toString('base64')}`),
  ],
  ['headers_joined', 'two ids', labelled({}, {}, headersOf('', `other, ${ID}`))],
  ['headers_joined', 'two timestamps', labelled({}, {}, headersOf('', ID, `${NOW - 3}, ${NOW}`))],
  [
    'header_missing',
    'no id',
    {
      body: BODY,
      secret: SECRET,
      headers: { 'webhook-timestamp': `${NOW}`, 'webhook-signature': 'v1,x' },
    },
  ],
  ['header_missing', 'none', { body: BODY, secret: SECRET, headers: {} }],
  [
    'header_names',
    'GitHub',
    {
      body: BODY,
      secret: SECRET,
      headers: {
        'x-hub-signature-256': `sha256=${createHmac('sha256', 'x').update(BODY).digest('hex')}`,
      },
    },
  ],
  [
    'header_names',
    'Stripe',
    {
      body: BODY,
      secret: SECRET,
      headers: {
        'Stripe-Signature': `t=${NOW},v1=${createHmac('sha256', SECRET).update(`${NOW}.${BODY}`).digest('hex')}`,
      },
    },
  ],
  [
    'header_names',
    'x-acme-*',
    {
      body: BODY,
      secret: SECRET,
      headers: {
        'X-Acme-Id': ID,
        'X-Acme-Timestamp': `${NOW}`,
        'X-Acme-Signature': `v1,${mac({}).toString('base64')}`,
      },
    },
  ],
  [
    'header_names',
    'underscores',
    {
      body: BODY,
      secret: SECRET,
      headers: {
        HTTP_WEBHOOK_ID: ID,
        HTTP_WEBHOOK_TIMESTAMP: `${NOW}`,
        HTTP_WEBHOOK_SIGNATURE: `v1,${mac({}).toString('base64')}`,
      },
    },
  ],
  ['header_malformed', 'a space in the id', labelled({}, { id: 'a b' }, headersOf('', 'a b'))],
  [
    'signed_content',
    'the body alone',
    {
      body: BODY,
      secret: SECRET,
      headers: headersOf(`v1,${createHmac('sha256', KEY).update(BODY).digest('base64')}`),
    },
  ],
  [
    'signed_content',
    'no id',
    {
      body: BODY,
      secret: SECRET,
      headers: headersOf(
        `v1,${createHmac('sha256', KEY).update(`${NOW}.${BODY}`).digest('base64')}`,
      ),
    },
  ],
  [
    'algorithm',
    'SHA-512',
    {
      body: BODY,
      secret: SECRET,
      headers: headersOf(`v1,${mac({ algorithm: 'sha512' }).toString('base64')}`),
    },
  ],
  ['payload_invalid', 'not JSON', changed('no', 'no')],
  [
    'clock_skew',
    'five hours behind',
    { ...labelled({}, {}, headersOf('')), now: (NOW + 5 * 3600) * 1000 },
  ],
]

/** No secret, signature or body, however the result is printed. */
function assertNothingShows(diagnosis: Diagnosis, { secret }: DiagnoseOptions): void {
  const secrets = Array.isArray(secret) ? secret : [secret]
  const given = secrets.flatMap((secret) =>
    typeof secret === 'string' ? secret.trim() : (secret?.value ?? []),
  )
  const hidden = [...given, bare, KEY.toString('hex'), mac({}).toString('base64'), 'Zoë', 'user.']
  const printed = [inspect(diagnosis, { depth: 9, showHidden: true }), String(diagnosis)]
  for (const text of [...printed, JSON.stringify(diagnosis)]) {
    for (const word of hidden) expect(text).not.toContain(word)
  }
}

describe('the true cause comes first, and nothing secret shows', () => {
  test.each(cases)('%s: %s', async (cause, _, options) => {
    const diagnosis = await diagnose({ now: () => NOW * 1000, ...options })
    expect(diagnosis.findings[0]?.code).toBe(cause)
    expect(diagnosis.ok).toBe(cause === 'secret_other')
    assertNothingShows(diagnosis, options)
  })
})

const pairs: readonly (readonly [readonly Cause[], string, DiagnoseOptions])[] = [
  [
    ['secret_used_as_text', 'body_reserialised'],
    'text key and minified body',
    {
      body: '{"a":1}',
      secret: SECRET,
      headers: headersOf(`v1,${mac({ key: SECRET, body: '{\n  "a": 1\n}' }).toString('base64')}`),
    },
  ],
  [
    ['body_base64', 'body_whitespace'],
    'base64 and newline',
    changed(Buffer.from(`${BODY}\n`).toString('base64'), BODY),
  ],
  [
    ['body_bom', 'body_line_endings'],
    'byte order mark and line endings',
    changed('{\n"a":1\n}', '\ufeff{\r\n"a":1\r\n}'),
  ],
  [
    ['secret_other', 'signature_hex'],
    'another secret and hex',
    { ...written((mac) => `v1,${mac.toString('hex')}`), secret: [OTHER, SECRET] },
  ],
  [
    ['body_whitespace', 'timestamp_in_milliseconds'],
    'newline and milliseconds',
    labelled({}, { body: `${BODY}\n`, timestamp: `${NOW}000` }, headersOf('')),
  ],
  [
    ['body_bom', 'body_reserialised'],
    'byte order mark and pretty-printed',
    changed('{"a":1}', '\ufeff{\n  "a": 1\n}'),
  ],
  [
    ['secret_prefix_kept', 'timestamp_from_elsewhere'],
    'the prefix and a later clock',
    labelled({}, { key: Buffer.from(SECRET, 'base64'), timestamp: `${NOW - 2}` }, headersOf('')),
  ],
  [
    ['body_whitespace', 'clock_skew'],
    'newline and an old timestamp',
    { ...changed(`${BODY}\n`, BODY), now: (NOW + 999) * 1000 },
  ],
]

const MANY = JSON.stringify(
  Array.from({ length: 6000 }, (_, i) => ({
    id: i,
    name: `Ü ${i}`,
    price: i / 4,
    tags: ['a', 'b'],
  })),
)
const large: readonly (readonly [Cause, string, DiagnoseOptions])[] = [
  ['body_reserialised', 'pretty-printed', changed(MANY, JSON.stringify(JSON.parse(MANY), null, 2))],
  ['body_whitespace', 'a newline', changed(`${MANY}\n`, MANY)],
  ['body_latin1', 'the character set', changed(Buffer.from(MANY).toString('latin1'), MANY)],
  ['body_parsed', 'parsed', changed(JSON.parse(MANY), JSON.stringify(JSON.parse(MANY), null, 4))],
  [
    'secret_used_as_text',
    'the secret',
    { ...changed(MANY, ''), headers: largeHeaders({ key: SECRET }) },
  ],
  ['secret_other', 'another', { ...changed(MANY, MANY), secret: [OTHER, SECRET] }],
  ['id_from_elsewhere', 'the id', { ...changed(MANY, ''), headers: largeHeaders({ id: '7' }) }],
]

function largeHeaders(signed: Mac): Record<string, string> {
  return headersOf(`v1,${mac({ ...signed, body: MANY }).toString('base64')}`)
}

describe('in a large body too', () => {
  test('that is what it is', () => expect(MANY.length).toBeGreaterThan(256 * 1024))
  test.each(large)('%s: %s', async (cause, _, options) => {
    const diagnosis = await diagnose({ now: () => NOW * 1000, ...options })
    expect(diagnosis.findings.map(({ code }) => code)).toEqual([cause])
    expect(diagnosis.ok).toBe(cause === 'secret_other')
  })
})

test.each(pairs)('together: %p %s', async (causes, _, options) => {
  const { findings } = await diagnose({ now: () => NOW * 1000, ...options })
  expect(findings.map(({ code }) => code).sort()).toEqual([...causes].sort())
})

describe('ed25519', () => {
  const seedOf = (secret: string): string =>
    `whsk_${Buffer.from(secret.slice(5), 'base64').subarray(0, 32).toString('base64')}`
  async function signed(): Promise<{
    secret: string
    publicKey: string
    headers: Record<string, string>
  }> {
    const pair = await generateKeyPair()
    const sign = createSigner({ secret: pair.secret })
    return { ...pair, headers: { ...(await sign(BODY, { id: ID, timestamp: NOW })) } }
  }
  const now = NOW * 1000

  test('verifies', async () => {
    const { publicKey, headers } = await signed()
    expect(await diagnose({ body: BODY, headers, secret: publicKey, now })).toMatchObject({
      ok: true,
      findings: [],
    })
  })

  test.each<
    [Cause, string, (signed: { secret: string; publicKey: string }) => Partial<DiagnoseOptions>]
  >([
    [
      'body_whitespace',
      'a changed body',
      ({ publicKey }) => ({ secret: publicKey, body: `${BODY}\n` }),
    ],
    ['secret_is_private_key', 'whsk_', ({ secret }) => ({ secret })],
    ['secret_is_private_key', 'its seed', ({ secret }) => ({ secret: seedOf(secret) })],
    ['signature_version', 'a shared secret', () => ({ secret: SECRET })],
    ['secret_wrong', 'another key', () => ({ secret: `whpk_${'A'.repeat(42)}E=` })],
  ])('%s: %s', async (cause, _, change) => {
    const delivery = await signed()
    const options = { body: BODY, headers: delivery.headers, now, ...change(delivery) }
    const { findings } = await diagnose({ secret: '', ...options })
    expect(findings[0]?.code).toBe(cause)
  })

  test('v1 where v1a is meant', async () => {
    const { publicKey, headers } = await signed()
    const signature = headers['webhook-signature']?.replace('v1a,', 'v1,') ?? ''
    const relabelled = { ...headers, 'webhook-signature': signature }
    const { findings } = await diagnose({ body: BODY, headers: relabelled, secret: publicKey, now })
    expect(findings[0]).toMatchObject({ code: 'signature_version', confidence: 'certain' })
  })
})

describe('the clock', () => {
  test.each([
    [301, 301],
    [-301, -301],
    [7200.5, 7200.5],
  ])('%p seconds off: measured', async (by, offset) => {
    const options = labelled({}, {}, headersOf(''))
    const { code, findings } = await diagnose({ ...options, now: new Date((NOW + by) * 1000) })
    expect(code).toBe(by > 0 ? 'timestamp_too_old' : 'timestamp_too_new')
    expect(findings).toMatchObject([{ code: 'clock_skew', confidence: 'certain', offset }])
    expect(findings[0]?.explanation).toContain(`${Math.trunc(Math.abs(by))} seconds`)
  })

  test('within the tolerance nothing is wrong', async () => {
    const options = labelled({}, {}, headersOf(''))
    const diagnosis = await diagnose({ ...options, now: (NOW + 300) * 1000 })
    expect(diagnosis).toMatchObject({ ok: true, findings: [] })
    expect(String(diagnosis)).toBe('This delivery verifies.')
    const wider = await diagnose({ ...options, now: (NOW + 900) * 1000, tolerance: 900 })
    expect(wider.ok).toBe(true)
  })
})

test.each<[string, (record: Record<string, string>) => DiagnoseOptions['headers']]>([
  ['Headers', (record) => new Headers(record)],
  ['Map', (record) => new Map(Object.entries(record))],
  ['rawHeaders', (record) => Object.entries(record).flat()],
  ['pairs', (record) => Object.entries(record) as [string, string][]],
  ['get(name)', (record) => ({ get: (name: string) => record[name] })],
  [
    'svix-*',
    (record) =>
      Object.fromEntries(Object.entries(record).map(([n, v]) => [n.replace('webhook', 'Svix'), v])),
  ],
])('headers as %s', async (_, form) => {
  const { headers, ...options } = changed(`${BODY}\n`, BODY)
  const { findings } = await diagnose({
    ...options,
    headers: form(headers as Record<string, string>),
    now: NOW * 1000,
  })
  expect(findings.map(({ code }) => code)).toEqual(['body_whitespace'])
})

test('a length that does not fit is not taken for the cause where there is a better one', async () => {
  const lossy = Buffer.from([0x22, 0xff, 0xfe, 0x80, 0x22])
  for (const [body, signed, cause] of [
    [lossy.toString(), lossy, 'body_decoded_with_loss'],
    ['[object Object]', BODY, 'body_parsed'],
    ['', BODY, 'body_empty'],
  ] as const) {
    const options = changed(body, signed)
    const headers = { ...options.headers, 'content-length': String(Buffer.byteLength(signed)) }
    const { findings } = await diagnose({ ...options, headers, now: NOW * 1000 })
    expect(findings[0]?.code).toBe(cause)
  }
})

test.each([
  ['a misspelt name', { secrets: SECRET }, 'unknown option secrets'],
  ['no number of seconds', { tolerance: Number.NaN }, 'tolerance must be'],
  ['a negative number', { tolerance: -1 }, 'tolerance must be'],
  ['no time', { now: new Date('soon') }, 'now must be a time'],
])('an option that cannot be is a mistake of the caller: %s', async (_, option, message) => {
  await expect(diagnose({ ...keyed(KEY), ...option } as DiagnoseOptions)).rejects.toThrow(message)
})

test('the report names the code, the reason, the fix and the page', async () => {
  const report = String(await diagnose({ ...keyed(SECRET), now: NOW * 1000 }))
  expect(report).toContain('signature_mismatch')
  expect(report).toContain('1. secret_used_as_text (certain)')
  expect(report).toContain('Fix: ')
  expect(report).toContain('docs/troubleshooting.md#secret_used_as_text')
})

const HOSTILE = '\x1b[2J\x1b]52;c;cm0=\x07\x9b\u202e\r\n2. forged (certain)'

test.each<[string, DiagnoseOptions]>([
  ['the name of a JSON member', changed(JSON.stringify({ [HOSTILE]: '{"a":1}' }), '{"a":1}')],
  [
    'content-encoding',
    {
      ...changed('{"a":2}', 'b'),
      headers: { ...changed('', 'b').headers, 'content-encoding': HOSTILE },
    },
  ],
  [
    'the name of a header',
    {
      body: '{}',
      secret: SECRET,
      headers: { [`x-hook-${HOSTILE}-signature`]: 'x', 'y-hook-id': '1' },
    },
  ],
  [
    'a member that is the id',
    {
      ...changed(JSON.stringify({ [HOSTILE]: 'x_1' }), ''),
      headers: headersOf(
        `v1,${mac({ id: 'x_1', body: JSON.stringify({ [HOSTILE]: 'x_1' }) }).toString('base64')}`,
      ),
    },
  ],
  [
    'the id, the time and the signature',
    { ...keyed(KEY), headers: headersOf(HOSTILE, HOSTILE, HOSTILE) },
  ],
  ['the label of a signature', written((mac) => `v1${HOSTILE}${mac.toString('base64')}`)],
])('control and bidirectional characters of a stranger are escaped: %s', async (_, options) => {
  const diagnosis = await diagnose({ now: NOW * 1000, ...options })
  expect(diagnosis.findings.length).toBeGreaterThan(0)
  const details = diagnosis.findings.flatMap(({ detail, explanation }) => [
    detail ?? '',
    explanation,
  ])
  for (const text of details) expect(text).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  expect(String(diagnosis).replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
})

test('JSON that is nested deep, and long runs of white space, take no longer', async () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000)
  const runs = `{"a":"${' '.repeat(200_000)}"}`
  for (const body of [deep, runs, JSON.stringify({ a: deep })]) {
    const { findings } = await diagnose({ ...changed(body, 'b'), now: NOW * 1000 })
    expect(findings[0]?.code).toBe('secret_wrong')
  }
})

test('of what could not be tried nothing is said', async () => {
  const { 'webhook-signature': signature, ...without } = headersOf(
    `v1,${mac({}).toString('base64')}`,
  )
  const codesOf = async (headers: Record<string, string>, secret = OTHER): Promise<string[]> => {
    const { findings } = await diagnose({ body: BODY, headers, secret, now: NOW * 1000 })
    return findings.map(({ code }) => code)
  }
  expect(await codesOf(without)).toEqual(['header_missing'])
  expect(await codesOf({ ...without, 'webhook-signature': 'v1,none' })).toEqual([
    'signature_version',
  ])
  const noId = { ...headersOf(signature ?? ''), 'webhook-id': '' }
  expect(await codesOf(noId)).toEqual(['header_missing'])
  const noSecret = await diagnose({
    body: BODY,
    headers: headersOf('v1,x'),
    secret: [],
    now: NOW * 1000,
  })
  expect(noSecret.findings.map(({ code }) => code)).toEqual(['secret_unusable'])
})

test('a byte order mark is no sign of a body that breaks off', async () => {
  const { findings } = await diagnose({ ...changed('\ufeff[]', 'b'), now: NOW * 1000 })
  expect(findings.map(({ code }) => code)).toEqual(['secret_wrong', 'body_changed'])
})

test('a large body and hostile input end', async () => {
  const big = await diagnose({ ...changed('a'.repeat(300_000), 'b'), now: NOW * 1000 })
  expect(big.findings[0]?.code).toBe('secret_wrong')
  const noise = '"'.repeat(5000) + '\\'.repeat(5000) + ','.repeat(5000)
  const odd = { 'webhook-id': noise, 'webhook-timestamp': noise, 'webhook-signature': noise }
  expect((await diagnose({ body: noise, headers: odd, secret: noise })).ok).toBe(false)
  expect((await diagnose({ body: undefined, headers: undefined as never, secret: [] })).ok).toBe(
    false,
  )
}, 60_000)
