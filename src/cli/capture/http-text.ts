import type { CapturedRequest } from './capture-file.js'

const REQUEST_LINE = /^([A-Z]{3,10}) (\S+)(?: HTTP\/\d(?:\.\d)?)?\r?$/

/** Does it start with a request line such as `POST /webhooks HTTP/1.1`? */
export function isHttpText(bytes: Buffer): boolean {
  return REQUEST_LINE.test(bytes.subarray(0, 8192).toString('latin1').split('\n', 1)[0] ?? '')
}

/** Reads a raw HTTP request: request line, header lines, an empty line and the body, byte for byte. */
export function parseHttpText(bytes: Buffer): CapturedRequest {
  const { head, rest } = splitHead(bytes)
  const [requestLine = '', ...lines] = head.split(/\r?\n/)
  const [, method = '', url = ''] = REQUEST_LINE.exec(requestLine) ?? []
  const headers = lines.map(parseLine)
  return { method, url, headers, body: bodyOf(headers, rest) }
}

function splitHead(bytes: Buffer): { head: string; rest: Buffer } {
  const text = bytes.toString('latin1')
  const end = /\r?\n\r?\n/.exec(text)
  // A request without a body may end with its last header line.
  if (!end) return { head: text.replace(/\r?\n$/, ''), rest: Buffer.alloc(0) }
  return { head: text.slice(0, end.index), rest: bytes.subarray(end.index + end[0].length) }
}

function parseLine(line: string, index: number): [string, string] {
  const colon = line.indexOf(':')
  const name = line.slice(0, colon)
  if (colon < 1 || !/^[^\s:]+$/.test(name)) {
    throw new TypeError(
      `line ${index + 2} of the HTTP request is not a header line ("Name: value"); the body starts after an empty line`,
    )
  }
  return [name, line.slice(colon + 1).trim()]
}

function bodyOf(headers: readonly (readonly [string, string])[], rest: Buffer): Buffer {
  const value = (name: string) => headers.find(([other]) => other.toLowerCase() === name)?.[1]
  if (/\bchunked$/i.test(value('transfer-encoding') ?? '')) return unchunk(rest)
  const length = value('content-length')
  // An editor may have put a line break behind the body.
  return length !== undefined && /^\d{1,15}$/.test(length) ? rest.subarray(0, Number(length)) : rest
}

/** The chunks of a body without their frames. A body that is not framed is left as it is: the tool that captured it took the frames off. */
function unchunk(rest: Buffer): Buffer {
  const chunks: Buffer[] = []
  for (let at = 0; ; ) {
    const line = /^([0-9a-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n/i.exec(
      rest.subarray(at, at + 1024).toString('latin1'),
    )
    if (!line) return rest
    const start = at + line[0].length
    const size = Number.parseInt(line[1] ?? '', 16)
    if (size === 0) return Buffer.concat(chunks)
    if (start + size > rest.length) return rest
    chunks.push(rest.subarray(start, start + size))
    at = start + size + (rest[start + size] === 13 ? 2 : 1)
  }
}
