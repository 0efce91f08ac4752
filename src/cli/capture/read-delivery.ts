import { describeFile } from '../frame/failures.js'
import type { Terminal } from '../frame/terminal.js'
import { type CapturedRequest, isCapture, parseCapture } from './capture-file.js'
import { isCurl, parseCurl } from './curl-text.js'
import { isHar, parseHar } from './har.js'
import { parseHeadersFile } from './headers-file.js'
import { isHttpText, parseHttpText } from './http-text.js'

/** The options that name a captured delivery. */
export const DELIVERY_OPTIONS = {
  delivery: {
    value: 'FILE',
    help: 'A capture file, a raw HTTP request, a .har file or a curl command.',
  },
  headers: {
    value: 'FILE',
    help: 'In place of --delivery: the headers, as JSON or as lines of "Name: value".',
  },
  body: { value: 'FILE', help: 'In place of --delivery: the body, byte for byte.' },
} as const

export interface DeliveryFiles {
  readonly delivery?: string
  readonly headers?: string
  readonly body?: string
}

/** Reads `--delivery`, or `--headers` and `--body`. */
export async function readDelivery(
  { delivery, headers, body }: DeliveryFiles,
  terminal: Terminal,
): Promise<CapturedRequest> {
  if (delivery !== undefined) {
    if (headers !== undefined || body !== undefined) {
      throw new TypeError('give either --delivery, or --headers and --body')
    }
    return parseDelivery(await readBytes(delivery, terminal), terminal)
  }
  if (headers === undefined || body === undefined) {
    throw new TypeError('--delivery FILE is needed, or --headers FILE and --body FILE')
  }
  if (headers === '-' && body === '-') {
    throw new TypeError('only one of --headers and --body can be standard input')
  }
  const text = await readBytes(headers, terminal)
  return {
    method: 'POST',
    url: '/',
    headers: parseHeadersFile(text.toString()),
    body: await readBytes(body, terminal),
  }
}

/** Reads a delivery in one of its four forms, recognized by how it starts. */
export async function parseDelivery(
  bytes: Buffer,
  { readFile }: Pick<Terminal, 'readFile'>,
): Promise<CapturedRequest> {
  const start = bytes.subarray(0, 3).toString('latin1') === '\xef\xbb\xbf' ? 3 : 0
  const plain = bytes.subarray(start)
  const text = plain.toString()
  if (/^\s*\{/.test(text)) return parseJsonForm(text)
  if (isCurl(text)) return parseCurl(text, readFile)
  if (isHttpText(plain)) return parseHttpText(plain)
  throw new TypeError(
    `the delivery is ${text.trim() === '' ? 'empty' : 'none of the known forms'}: a capture file (listen --save), a raw HTTP request, a .har file or a curl command is needed`,
  )
}

function parseJsonForm(text: string): CapturedRequest {
  const value = parseJson(text)
  if (isHar(value)) return parseHar(value)
  if (isCapture(value)) return parseCapture(value)
  throw new TypeError(
    'the delivery is JSON, but neither a capture file ("version", "headers", "body") nor a .har file ("log")',
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new TypeError('the delivery starts like JSON but is not: is the file cut short?')
  }
}

/** Reads a file whole. The error names it and says what to do. */
export async function readBytes(
  path: string,
  { readFile }: Pick<Terminal, 'readFile'>,
): Promise<Buffer> {
  try {
    const bytes = await readFile(path)
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  } catch (error) {
    throw new TypeError(`cannot read ${describeFile(path, error)}`, { cause: error })
  }
}
