import { createHash, createHmac } from 'node:crypto'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import type { Cause, DiagnoseOptions } from 'countersign/diagnose'

/** Deliveries that are broken in known ways, and the cause that `diagnose` must name first. */

export const NOW = 1_700_000_000
export const ID = 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W'
export const KEY = Buffer.from(createHash('sha256').update('one').digest())
export const SECRET = `wh_${KEY.toString('base64')}`
export const OTHER = `whsec_${createHash('sha256').update('two').digest('base64')}`
export const BODY =
  '{"id":"evt_1","type":"user.created","created":1699990000,"data":{"name":"Zoë 🎉","url":"https://a.example/b","tags":[],"n":1.50,"nested":{"ok":true,"list":[1,2,{"x":null}]}}}'

interface Mac {
  key?: Uint8Array | string
  id?: string
  timestamp?: string
  body?: string | Uint8Array
  algorithm?: string
}

export function mac({
  key = KEY,
  id = ID,
  timestamp = `${NOW}`,
  body = BODY,
  algorithm = 'sha256',
}: Mac) {
  return createHmac(algorithm, key).update(`${id}.${timestamp}.`).update(body).digest()
}

export function headersOf(
  signature: string,
  id = ID,
  timestamp = `${NOW}`,
): Record<string, string> {
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signature }
}

/** What arrived (`body`) when something else (`signed`) was signed. */
export function changed(body: unknown, signed: string | Uint8Array): DiagnoseOptions {
  const signature = `v1,${mac({ body: signed }).toString('base64')}`
  return { body: body as string, headers: headersOf(signature), secret: SECRET }
}

/** Signed with a key that is not the secret's. */
export function keyed(key: Uint8Array | string, secret: DiagnoseOptions['secret'] = SECRET) {
  return { body: BODY, secret, headers: headersOf(`v1,${mac({ key }).toString('base64')}`) }
}

/** Written otherwise. */
export function written(write: (mac: Buffer) => string): DiagnoseOptions {
  return { body: BODY, secret: SECRET, headers: headersOf(write(mac({}))) }
}

export function labelled(extra: Record<string, string>, signed: Mac, own = headersOf('')) {
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
export const bare = SECRET.slice(3)
const THIRD = `wh_${createHash('sha256').update('three').digest('base64')}`
const DOT_NET = '{"a":"\\u00E9\\u0027\\u002B\\u003C\\u0022"}'
const FLOATS = '{"id":"evt_9","b":[1,2.50,{"c":"<é/>"}],"a":{},"at":1699990000}'
const WINDOWS = '{\r\n  "a": [\r\n    1\r\n  ]\r\n}'
const mojibake = (text: string): string => Buffer.from(text).toString('latin1')
const swapped = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16()

export const cases: readonly (readonly [Cause, string, DiagnoseOptions])[] = [
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
    'body_whitespace',
    'and the last one lost',
    changed(pretty, `${pretty}\n`.replaceAll('\n', '\r\n')),
  ],
  ['body_whitespace', 'text that is not JSON', changed('plain\n', 'plain')],
  ['body_whitespace', 'CRLF to LF', changed('{\n"a":1\n}', '{\r\n"a":1\r\n}')],
  ['body_whitespace', 'LF to CRLF', changed('{\r\n"a":1\r\n}', '{\n"a":1\n}')],
  ['body_whitespace', 'stripped', changed(BODY, `\ufeff${BODY}`)],
  ['body_whitespace', 'added', changed(`\ufeff${BODY}`, BODY)],
  ['body_charset', 'one byte lost', changed(latin1('{"a":"é"}').toString(), latin1('{"a":"é"}'))],
  [
    'body_charset',
    'many bytes lost',
    changed(
      Buffer.from([0xff, 0xfe, 0x80, 0xc0, 0x41]).toString(),
      Buffer.from([0xff, 0xfe, 0x80, 0xc0, 0x41]),
    ),
  ],
  [
    'body_charset',
    'signed after the loss',
    changed(latin1('{"a":"é"}'), latin1('{"a":"é"}').toString()),
  ],
  ['body_charset', 'UTF-8 taken for Latin-1', changed(Buffer.from(BODY).toString('latin1'), BODY)],
  ['body_charset', 'UTF-8 written as Latin-1', changed(latin1('{"a":"é"}'), '{"a":"é"}')],
  ['body_charset', 'Latin-1 written as UTF-8', changed('{"a":"é"}', latin1('{"a":"é"}'))],
  ['body_charset', 'Windows-1252', changed('{"a":"â‚¬"}', '{"a":"€"}')],
  ['body_charset', 'twice', changed(mojibake(mojibake(BODY)), BODY)],
  ['body_charset', 'arrived as UTF-16, big end first', changed(swapped(BODY), BODY)],
  ['body_charset', 'arrived as UTF-16', changed(Buffer.from(BODY, 'utf16le'), BODY)],
  ['body_charset', 'decomposed', changed('{"a":"é"}'.normalize('NFD'), '{"a":"é"}')],
  ['body_compressed', 'arrived compressed', changed(gzipSync(BODY), BODY)],
  ['body_encoded', 'arrived as base64', changed(Buffer.from(BODY).toString('base64'), BODY)],
  ['body_encoded', 'signed as base64url', changed(BODY, Buffer.from(BODY).toString('base64url'))],
  ['body_encoded', 'signed as base64', changed(BODY, Buffer.from(BODY).toString('base64'))],
  ['body_encoded', 'arrived as hex', changed(Buffer.from(BODY).toString('hex'), BODY)],
  ['body_reserialised', 'escapes resolved', changed(BODY, ascii)],
  ['body_reserialised', 'characters escaped', changed(ascii, BODY)],
  ['body_reserialised', 'serialised twice', changed(JSON.stringify(BODY), BODY)],
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
  ['body_encoded', 'percent-encoded', changed(encodeURIComponent(BODY), BODY)],
  [
    'body_encoded',
    'a form field',
    changed(`payload=${encodeURIComponent('{"a":"b c"}')}`, '{"a":"b c"}'),
  ],
  ['body_encoded', 'escaped', changed('{&quot;a&quot;:&quot;&amp;&#39;&quot;}', '{"a":"&\'"}')],
  [
    'body_encoded',
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
  ['secret_encoding', 'the key as hexadecimal text', keyed(KEY.toString('hex'))],
  ['secret_encoding', 'encoding utf8 given', keyed(KEY, { value: SECRET, encoding: 'utf8' })],
  ['secret_prefix', 'Node', keyed(Buffer.from(SECRET, 'base64'))],
  ['secret_prefix', 'Node, whsec_', keyed(Buffer.from(OTHER, 'base64'), OTHER)],
  ['secret_encoding', 'hex taken for base64', keyed(KEY, KEY.toString('hex'))],
  ['secret_encoding', 'hex with a prefix', keyed(KEY, `whsec_${KEY.toString('hex')}`)],
  [
    'secret_base64url',
    'plain decoder skips',
    keyed(Buffer.from(URL_SECRET.slice(6).replace(/[-_]/g, ''), 'base64'), URL_SECRET),
  ],
  ['secret_wrapped', 'newline in the key', keyed(`${SECRET}\n`)],
  ['secret_wrapped', 'space in front of the key', keyed(` ${SECRET}`)],
  ['secret_wrapped', 'quotes left on', keyed(KEY, `"${SECRET}"`)],
  ['secret_wrapped', 'variable name left on', keyed(KEY, `WEBHOOK_SECRET=${SECRET}`)],
  ['secret_damaged', 'not base64', keyed(KEY, `wh_${bare.slice(0, 9)} ${bare.slice(9)}`)],
  ['secret_prefix', 'split', keyed(Buffer.from('abcdefghijkl', 'base64'), UNDERSCORED)],
  ['secret_damaged', 'last character lost', keyed(KEY, SECRET.replace(/.=+$/, ''))],
  ['secret_damaged', 'first character lost', keyed(KEY, `wh_${bare.slice(1)}`)],
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
  ['secret_double_encoded', 'percent-encoded', keyed(KEY, encodeURIComponent(SECRET))],
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
    'timestamp_not_seconds',
    'in header and signature',
    labelled({}, { timestamp: `${NOW}123` }, headersOf('', ID, `${NOW}123`)),
  ],
  ['timestamp_not_seconds', 'in the header', labelled({}, {}, headersOf('', ID, `${NOW}123`))],
  [
    'timestamp_not_seconds',
    'in the signature',
    labelled({}, { timestamp: `${NOW}000` }, headersOf('')),
  ],
  [
    'timestamp_not_seconds',
    'signed with those the header has lost',
    labelled({}, { timestamp: `${NOW}987` }, headersOf('')),
  ],
  [
    'timestamp_not_seconds',
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
  ['signature_encoding', 'v1,hex', written((mac) => `v1,${mac.toString('hex')}`)],
  ['signature_encoding', '0x', written((mac) => `v1,0x${mac.toString('hex')}`)],
  ['signature_format', 'a space for a comma', written((mac) => `v1 ${mac.toString('base64')}`)],
  [
    'signature_truncated',
    'with dots for the rest',
    written((mac) => `v1,${mac.toString('base64').slice(0, 30)}...`),
  ],
  ['signature_encoding', 'bare hex', written((mac) => mac.toString('hex'))],
  ['signature_encoding', 'sha256=hex', written((mac) => `sha256=${mac.toString('hex')}`)],
  [
    'signature_encoding',
    'base64 of hex',
    written((mac) => `v1,${Buffer.from(mac.toString('hex')).toString('base64')}`),
  ],
  [
    'signature_encoding',
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
  ['body_charset', 'characters lost', changed(latin1(BODY), BODY)],
  [
    'secret_wrapped',
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
  ['signature_format', 'bare base64', written((mac) => mac.toString('base64'))],
  [
    'signature_encoding',
    'no padding',
    written((mac) => `v1,${mac.toString('base64').slice(0, -1)}`),
  ],
  ['signature_version', 'labelled v1a', written((mac) => `v1a,${mac.toString('base64')}`)],
  ['signature_version', 'labelled v2', written((mac) => `v2,${mac.toString('base64')}`)],
  ['signature_format', 'v1=', written((mac) => `v1=${mac.toString('base64')}`)],
  ['signature_format', 'a third field', written((mac) => `v1,${mac.toString('base64')},x`)],
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

export const pairs: readonly (readonly [readonly Cause[], string, DiagnoseOptions])[] = [
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
    ['body_encoded', 'body_whitespace'],
    'base64 and newline',
    changed(Buffer.from(`${BODY}\n`).toString('base64'), BODY),
  ],
  [
    ['body_whitespace'],
    'byte order mark and line endings',
    changed('{\n"a":1\n}', '\ufeff{\r\n"a":1\r\n}'),
  ],
  [
    ['signature_encoding'],
    'another secret and hex',
    { ...written((mac) => `v1,${mac.toString('hex')}`), secret: [OTHER, SECRET] },
  ],
  [
    ['body_whitespace', 'timestamp_not_seconds'],
    'newline and milliseconds',
    labelled({}, { body: `${BODY}\n`, timestamp: `${NOW}000` }, headersOf('')),
  ],
  [
    ['body_whitespace', 'body_reserialised'],
    'byte order mark and pretty-printed',
    changed('{"a":1}', '\ufeff{\n  "a": 1\n}'),
  ],
  [
    ['secret_prefix', 'timestamp_from_elsewhere'],
    'the prefix and a later clock',
    labelled({}, { key: Buffer.from(SECRET, 'base64'), timestamp: `${NOW - 2}` }, headersOf('')),
  ],
  [
    ['body_reserialised', 'timestamp_not_seconds'],
    'a float that lost its zero, and milliseconds',
    {
      ...labelled({}, { body: FLOATS, timestamp: `${NOW}000` }, headersOf('')),
      body: JSON.stringify(JSON.parse(FLOATS)),
    },
  ],
  [
    ['body_whitespace', 'clock_skew'],
    'newline and an old timestamp',
    { ...changed(`${BODY}\n`, BODY), now: (NOW + 999) * 1000 },
  ],
]

export const MANY = JSON.stringify(
  Array.from({ length: 6000 }, (_, i) => ({
    id: i,
    name: `Ü ${i}`,
    price: i / 4,
    tags: ['a', 'b'],
  })),
)
export const large: readonly (readonly [Cause, string, DiagnoseOptions])[] = [
  ['body_reserialised', 'pretty-printed', changed(MANY, JSON.stringify(JSON.parse(MANY), null, 2))],
  ['body_whitespace', 'a newline', changed(`${MANY}\n`, MANY)],
  ['body_charset', 'the character set', changed(Buffer.from(MANY).toString('latin1'), MANY)],
  ['body_parsed', 'parsed', changed(JSON.parse(MANY), JSON.stringify(JSON.parse(MANY), null, 4))],
  [
    'secret_used_as_text',
    'the secret',
    { ...changed(MANY, ''), headers: largeHeaders({ key: SECRET }) },
  ],
  ['id_from_elsewhere', 'the id', { ...changed(MANY, ''), headers: largeHeaders({ id: '7' }) }],
]

function largeHeaders(signed: Mac): Record<string, string> {
  return headersOf(`v1,${mac({ ...signed, body: MANY }).toString('base64')}`)
}
