import { describe, expect, test } from '@jest/globals'
import { type CapturedRequest, printCapture } from '../../../../src/cli/capture/capture-file.js'
import { parseDelivery } from '../../../../src/cli/capture/read-delivery.js'
import { shellWords } from '../../../../src/cli/capture/shell-words.js'

function read(input: string | Buffer, files: Record<string, string> = {}) {
  const readFile = async (path: string) => Buffer.from(files[path] ?? 'no such file')
  return parseDelivery(Buffer.from(input), { readFile })
}

describe('the words of a shell', () => {
  test.each([
    ["a  b\tc\nd 'e  f'", ['a', 'b', 'c', 'd', 'e  f']],
    ['a \\\n b \\\r\n c', ['a', 'b', 'c']],
    ['a\\\nb', ['ab']],
    ['\'a\'"b"c\\ d', ['abc d']],
    ['\'\' "" x', ['', '', 'x']],
    ['"a\\\nb \\" \\\\ \\$ \\` \\n"', ['ab " \\ $ ` \\n']],
    ['"a\\\r\nb"', ['ab']],
    ["'a\\\nb'", ['a\\\nb']],
    ["$'a\\n\\r\\t\\e\\a\\b\\f\\v\\0|\\'\\\\|\\q'", ["a\n\r\t\u001b\u0007\b\f\v\0|'\\|q"]],
    ["$'\\x41\\u00e9\\U0001f98a\\101\\377'", ['A\u00e9\u{1f98a}A\u00ff']],
    ["$'\\Uffffffff'", ['\u{10ffff}']],
    ['a$b $', ['a$b', '$']],
    ['', []],
  ])('%j', (text, words) => {
    expect(shellWords(text)).toEqual(words)
  })
})

describe('a curl command', () => {
  test.each([
    ['curl http://a', 'GET'],
    ["curl http://a -d ''", 'POST'],
    ["curl http://a -X PUT -d 'x'", 'PUT'],
    ['curl --request=PATCH http://a', 'PATCH'],
  ])('%s has the method %s', async (text, method) => {
    expect((await read(text)).method).toBe(method)
  })

  test.each([
    ["curl http://a --json '{' --json '}'", '{}'],
    ["curl http://a -d a -d b --data-raw '@f'", 'a&b&@f'],
    ['curl http://a --json @f', 'x\r\n\0y\n'],
    ['curl http://a --data-binary @f', 'x\r\n\0y\n'],
    ['curl http://a -d @f', 'xy'],
    ['curl http://a --data-ascii @f', 'xy'],
  ])('%s has the body that curl sends', async (text, body) => {
    expect(String((await read(text, { f: 'x\r\n\0y\n' })).body)).toBe(body)
  })

  test('has its address wherever it stands', async () => {
    for (const text of ['curl --url http://b/c', 'curl -s http://b/c -i', 'curl.exe http://b/c']) {
      expect((await read(text)).url).toBe('http://b/c')
    }
  })

  test('has the headers of its options, an empty one too', async () => {
    const text =
      "curl http://a -A bot -e http://r -H 'X-Empty;' -H 'X-Gone:' -H 'x:  y ' -H rubbish"
    expect((await read(text)).headers).toEqual([
      ['User-Agent', 'bot'],
      ['Referer', 'http://r'],
      ['X-Empty', ''],
      ['x', 'y'],
    ])
    const long = 'curl http://a --user-agent bot --referer http://r'
    expect((await read(long)).headers).toEqual([
      ['User-Agent', 'bot'],
      ['Referer', 'http://r'],
    ])
  })
})

describe('a .har file', () => {
  const signature = (name = 'webhook-signature') => ({ name, value: 'v1,x' })
  const entry = (url: string, more: object = {}) => ({
    startedDateTime: '2026-01-02T03:04:05.000Z',
    request: { method: 'POST', url, headers: [signature()], postData: { text: url }, ...more },
  })
  const har = (...entries: object[]) => read(JSON.stringify({ log: { entries } }))

  test.each(['webhook-signature', 'Svix-Signature'])(
    'gives the last request with a signature (%s), and its own time',
    async (name) => {
      const first = { ...entry('/first'), startedDateTime: '2025-01-01T00:00:00.000Z' }
      const last = entry('/last', {
        headers: [{ name: ':method', value: 'POST' }, signature(name)],
      })
      expect(await har(first, last, { request: { headers: [] } })).toEqual({
        method: 'POST',
        url: '/last',
        headers: [[name, 'v1,x']],
        body: Buffer.from('/last'),
        receivedAt: new Date('2026-01-02T03:04:05Z'),
      })
    },
  )

  test('gives its only request although it has no signature', async () => {
    expect((await har(entry('/only', { headers: [] }))).url).toBe('/only')
    await expect(har(entry('/a', { headers: [] }), entry('/b', { headers: [] }))).rejects.toThrow(
      'holds 2 requests and none has a webhook-signature',
    )
  })

  test('without a time gives none', async () => {
    for (const startedDateTime of [undefined, 'soon', 7]) {
      const { receivedAt } = await har({ ...entry('/a'), startedDateTime })
      expect(receivedAt).toBeUndefined()
    }
  })

  test('has an empty body only if it says so, and none of a form', async () => {
    const empty = { postData: undefined, bodySize: 0 }
    expect((await har(entry('/a', empty))).body).toHaveLength(0)
    for (const more of [
      { postData: { params: [] }, bodySize: 0 },
      { postData: undefined, bodySize: -1 },
      { postData: undefined },
    ]) {
      await expect(har(entry('/a', more))).rejects.toThrow('export it with content')
    }
  })
})

describe('a raw HTTP request', () => {
  const raw = (head: string, body: string | Buffer): Promise<CapturedRequest> =>
    read(Buffer.concat([Buffer.from(`${head}\r\n\r\n`), Buffer.from(body)]))
  const bodyOf = async (head: string, body: string): Promise<string> =>
    String((await raw(`POST / HTTP/1.1\r\n${head}`, body)).body)

  test.each(['PUT / HTTP/1.1', 'POST /a', 'POST / HTTP/2'])('begins with %s', async (line) => {
    expect((await raw(`${line}\r\na: b`, 'x')).headers).toEqual([['a', 'b']])
  })

  test('has the bytes of its length, whatever an editor put behind them', async () => {
    expect(await bodyOf('Content-Length: 2', '{}\n')).toBe('{}')
    expect(await bodyOf('content-length: 0', '\n')).toBe('')
    expect(await bodyOf('content-length: two', '{}\n')).toBe('{}\n')
  })

  test.each(['chunked', 'gzip, Chunked'])('is put together from chunks (%s)', async (coding) => {
    const head = `transfer-encoding: ${coding}`
    expect(await bodyOf(head, '1\r\na\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n')).toBe('a0123456789')
    expect(await bodyOf(head, '1\na\n1\nb\n0\n\n')).toBe('ab')
    // Cut short, or the frames were taken off by the tool.
    expect(await bodyOf(head, '5\r\nab')).toBe('5\r\nab')
    expect(await bodyOf(head, '{"a":1}')).toBe('{"a":1}')
  })

  test('names the line that is not a header line', async () => {
    await expect(raw('POST / HTTP/1.1\r\na: b\r\n: c', '')).rejects.toThrow(/^line 3 of the HTTP/)
    await expect(raw('POST / HTTP/1.1\r\na b: c', '')).rejects.toThrow(/^line 2 of the HTTP/)
  })

  test('may end with its last header line', async () => {
    expect(await read('POST / HTTP/1.1\r\na: b\r\n')).toMatchObject({ headers: [['a', 'b']] })
  })
})

describe('a capture file', () => {
  test.each([
    ['{"version":1}', 'neither a capture file'],
    ['{"version":1,"headers":[["a","b","c"]],"body":""}', '"headers"'],
    ['{"version":1,"headers":[["a",1]],"body":""}', '"headers"'],
    ['{"version":1,"headers":[]}', '"body"'],
    ['{"version":0,"body":""}', 'reads version 1'],
    ['{"version":1,"headers":[],"body":"a==="}', '"body"'],
  ])('%s is refused', async (text, message) => {
    await expect(read(text)).rejects.toThrow(message)
  })

  test('needs neither method nor address nor time', async () => {
    expect(await read('{"version":1,"headers":[],"body":""}')).toEqual({
      method: 'POST',
      url: '/',
      headers: [],
      body: Buffer.alloc(0),
      receivedAt: undefined,
    })
  })

  test('of a part of a buffer holds that part', async () => {
    const body = Buffer.from('abcdef').subarray(2, 4)
    const text = printCapture({ method: 'POST', url: '/', headers: [], body })
    expect(String((await read(text)).body)).toBe('cd')
    expect(Date.now() - Date.parse(JSON.parse(text).receivedAt)).toBeLessThan(60_000)
  })
})
