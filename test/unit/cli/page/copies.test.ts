import { spawnSync } from 'node:child_process'
import { createRequire } from 'node:module'
import { describe, expect, test } from '@jest/globals'
import * as countersign from 'countersign'
import * as fetchAdapter from 'countersign/fetch'
import { generateSecret } from 'countersign/sign'
import { signedRequest, staleRequest } from 'countersign/testing'
import type { ListedDelivery } from '../../../../src/cli/listener/listed-delivery.js'
import { base64, type Copied, curlCommand } from '../../../../src/cli/page/copy-curl.js'
import { jestTest } from '../../../../src/cli/page/copy-test.js'

const ORIGIN = 'http://127.0.0.1:4100'
const SHELL = `'; touch /tmp/x; $(id) \`id\` "\\" %00 !! @/etc/passwd`

describe('copy as curl', () => {
  /** The arguments and the standard input that a POSIX shell hands to curl. */
  function run(copied: Partial<Copied>): { args: string[]; input: Buffer; command: string } {
    const delivery = { method: 'POST', url: '/', headers: [], body: Buffer.alloc(0), ...copied }
    const command = curlCommand(delivery, ORIGIN)
    const script = `curl() { printf '%s\\0' "$@"; [ "\${!#}" != @- ] || cat; }; ${command}`
    const { stdout, stderr } = spawnSync('bash', ['-c', script])
    expect(String(stderr)).toBe('')
    const isPiped = command.startsWith('base64')
    const end = isPiped ? stdout.indexOf('@-\0') + 3 : stdout.length
    const args = stdout.subarray(0, end).toString('latin1').split('\0').slice(0, -1)
    return { args, input: stdout.subarray(end), command }
  }
  const linesOf = ({ args }: { args: string[] }): string[] =>
    args.flatMap((arg, i) => (args[i - 1] === '-H' ? [arg] : []))
  const dataOf = ({ args }: { args: string[] }): string => args.at(-1) ?? ''

  test('sends the method and the exact address, without anything that curl would change', () => {
    const { args } = run({ method: 'PUT', url: "/a/../b'c?d=[1]&e={2}" })
    expect(args).toContain('--path-as-is')
    expect(args).toContain('--globoff')
    expect(args[args.indexOf('-X') + 1]).toBe('PUT')
    expect(args).toContain(`${ORIGIN}/a/../b'c?d=[1]&e={2}`)
    expect(run({ url: 'hooks' }).args).toContain(`${ORIGIN}/hooks`)
  })

  test('sends the same header lines, empty ones and bytes too, and none that curl adds', () => {
    const headers = [
      ['Webhook-Id', 'msg_1'],
      ['X-Shell', SHELL],
      ['X-Empty', ''],
      ['x-bytes', "gr\xc3\xbcn \\ '\xff\x01"],
      ['user-agent', 'Sender/1'],
    ] as const
    expect(linesOf(run({ headers }))).toEqual([
      'Webhook-Id: msg_1',
      `X-Shell: ${SHELL}`,
      'X-Empty;',
      "x-bytes: gr\xc3\xbcn \\ '\xff\x01",
      'user-agent: Sender/1',
      'Accept:',
      'Content-Type:',
      'Expect:',
    ])
  })

  test.each([
    ['Connection', 'close'],
    ['transfer-encoding', 'chunked'],
    ['Content-Length', '2'],
    ['TE', 'trailers'],
    ['Upgrade', 'h2c'],
  ])('leaves out %s, which belonged to one connection or is written by curl', (name, value) => {
    const lines = linesOf(run({ headers: [[name, value]] }))
    expect(lines).toEqual(['Accept:', 'Content-Type:', 'Expect:', 'User-Agent:'])
  })

  test.each([
    ['text', `@{"x":${JSON.stringify(SHELL)}}\n\n`],
    ['nothing', ''],
    ['as much text as an argument may hold', 'a'.repeat(32_768)],
    ['letters of every kind', '{"x":"gr\u00fcn \u{1f98a}"}'],
  ])('sends %s as it is', (_, text) => {
    const body = Buffer.from(text)
    const sent = run({ body })
    expect(sent.args.at(-2)).toBe('--data-raw')
    expect(Buffer.from(dataOf(sent), 'latin1')).toEqual(body)
  })

  test.each([
    ['binary', Buffer.from(Array.from({ length: 512 }, (_, i) => i & 255))],
    ['a NUL', Buffer.from('a\0b')],
    ['escape sequences', Buffer.from('\u001b[2J')],
    ['a text that turns its direction', Buffer.from('\u202eright')],
    ['a carriage return', Buffer.from('a\r\n')],
    ['a line separator', Buffer.from('\u2028')],
    ['a byte order mark', Buffer.from('\ufeff{}')],
    ['more text than an argument may hold', Buffer.alloc(32_769, 'a')],
  ])('sends %s through a pipe, and shows nothing of it', (_, body) => {
    const sent = run({ body })
    expect(sent.args.slice(-2)).toEqual(['--data-binary', '@-'])
    expect(sent.input).toEqual(body)
    expect(sent.command).toMatch(/^[\n -~]+$/)
    for (const line of sent.command.split('\n')) expect(line.length).toBeLessThan(120)
  })

  test.each([0, 1, 2, 3, 8189, 8190, 8191, 100_000])('base64 of %p bytes', (length) => {
    const bytes = Uint8Array.from({ length }, (_, i) => i * 7)
    expect(base64(bytes)).toBe(Buffer.from(bytes).toString('base64'))
  })
})

describe('copy as a Jest test', () => {
  const secret = generateSecret()
  const modules: Record<string, unknown> = {
    countersign,
    'countersign/fetch': fetchAdapter,
  }
  type Verdict = Pick<ListedDelivery, 'verdict' | 'code'>

  async function copy(
    request: { headers: Record<string, string>; body: Uint8Array },
    verdict: Verdict,
    receivedAt = new Date().toISOString(),
  ): Promise<string> {
    const headers = Object.entries(request.headers)
    return jestTest({
      method: 'POST',
      url: '/',
      headers,
      body: request.body,
      receivedAt,
      ...verdict,
    })
  }

  /** Runs the copied text as Jest does, with the secret in the environment. Resolves to the test's name. */
  async function run(text: string): Promise<string> {
    expect(text).toMatch(/^[\n -~]+$/)
    const found: [string, () => Promise<void>][] = []
    const register = (name: string, body: () => Promise<void>): void =>
      void found.push([name, body])
    const require = (name: string): unknown => modules[name] ?? createRequire(__filename)(name)
    const parameters = ['require', 'test', 'expect', 'process']
    new Function(...parameters, text)(require, register, expect, {
      env: { COUNTERSIGN_SECRET: secret },
    })
    const [[name, body] = ['', async () => {}]] = found
    await body()
    return name
  }

  const ACCEPTED = { verdict: 'accepted' } as const
  const refused = (code: ListedDelivery['code']): Verdict => ({ verdict: 'refused', code })

  test('an accepted delivery is accepted, as of when it arrived', async () => {
    const timestamp = new Date('2026-01-02T03:04:05Z')
    const options = { secret, id: "it's", timestamp, payload: { x: `${SHELL} gr\u00fcn \u202e` } }
    const text = await copy(await signedRequest(options), ACCEPTED, '2026-01-02T03:04:06.000Z')
    expect(await run(text)).toBe("delivery it's: accepted")
    await expect(run(text.replace(/body = Buffer.from\('/, '$&x'))).rejects.toThrow()
  })

  test('a refused one is refused with the same code', async () => {
    const text = await copy(await staleRequest({ secret }), refused('timestamp_too_old'))
    expect(await run(text)).toMatch(/^delivery \S+: timestamp_too_old$/)
    await expect(
      run(await copy(await signedRequest({ secret }), refused('timestamp_too_old'))),
    ).rejects.toThrow()
    await expect(run(await copy(await staleRequest({ secret }), ACCEPTED))).rejects.toThrow()
  })

  test.each([
    ['binary', Uint8Array.of(255, 0, 1), refused('payload_invalid')],
    ['a long text', Buffer.from(`"${'\u00fc'.repeat(10_000)}"`), ACCEPTED],
    ['an empty body', Buffer.alloc(0), ACCEPTED],
  ])('%s is verified byte for byte', async (_, body, verdict) => {
    await run(await copy(await signedRequest({ secret, body }), verdict))
  })

  test('text is shown as text, unless it is long', async () => {
    const at = async (length: number): Promise<string> =>
      copy(await signedRequest({ secret, body: Buffer.alloc(length, 'a') }), ACCEPTED)
    expect(await at(4096)).toContain('aaaaaaa')
    expect(await at(4097)).not.toContain('aaaaaaa')
  })

  test('what the account could not tell yet is a mismatch for one fixed secret', async () => {
    const forged = await signedRequest({ secret: generateSecret() })
    await run(await copy(forged, refused('signature_undecided')))
    await run(await copy(forged, refused('signature_mismatch')))
  })

  test('a delivery that no secret was there for verifies with one', async () => {
    await run(await copy(await signedRequest({ secret }), refused('secret_unavailable')))
  })

  test('a compressed one is refused by the adapters alone', async () => {
    const { headers, body } = await signedRequest({ secret })
    const request = { headers: { ...headers, 'content-encoding': 'br' }, body }
    const text = await copy(request, refused('body_encoding_unsupported'))
    expect(text).toContain("require('countersign/fetch')")
    await run(text)
  })

  test('a delivery without an id, or with one of svix, is named so', async () => {
    const svix = { headers: { 'SVIX-ID': 'msg_2' }, body: Buffer.from('{}') }
    expect(await run(await copy(svix, refused('header_missing')))).toBe(
      'delivery msg_2: header_missing',
    )
    const none = { headers: {}, body: Buffer.from('{}') }
    expect(await run(await copy(none, refused('header_missing')))).toContain('without an id')
  })
})
