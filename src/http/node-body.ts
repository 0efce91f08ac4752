import { viewBytes } from '../base/bytes.js'
import { bodyTooLarge, bodyUnavailable } from '../delivery/body.js'
import { whyGone } from './body-gone.js'
import { contentLength } from './content-length.js'
import {
  isLive,
  isReplayed,
  isStream,
  mayDeliver,
  type NodeStream,
  readNodeStream,
} from './node-stream.js'
import { textBytes } from './text-body.js'

/** Where body parsers leave what they read: on the request itself, or on a framework's own one. */
export interface ParsedRequest {
  readonly body?: unknown
  readonly rawBody?: unknown
}

/** The part of Node's `IncomingMessage` (and of HTTP/2's) that is used. */
export interface NodeRequest extends ParsedRequest, NodeStream {}

/**
 * The bytes of a Node request, at most `maxBytes`: those a parser kept (`rawBody`, or `express.raw()`'s body), else those that the stream
 * delivers, else text that is provably the bytes. A framework whose parsers leave them elsewhere than on Node's own request hands that
 * in as `parsed`; what is there goes first. Never waits for a stream that is spent.
 * Throws `body_too_large`, or `body_unavailable` if the bytes are gone.
 */
export function readNodeBody(
  request: NodeRequest,
  maxBytes: number,
  parsed: object = request,
): Uint8Array | Promise<Uint8Array> {
  const rawBody = propertyOf(parsed, 'rawBody') ?? propertyOf(request, 'rawBody')
  const body = isLazy(request)
    ? undefined
    : (propertyOf(parsed, 'body') ?? propertyOf(request, 'body'))
  const kept = viewBytes(rawBody) ?? viewBytes(body)
  // A copy: the parser's owner may change its buffer.
  if (kept) return limited(new Uint8Array(kept))
  if (isLive(request)) return readNodeStream(request, maxBytes)
  const text = textOf(rawBody) ?? textOf(body)
  if (text) return limited(text)
  return mayDeliver(request) ? readNodeStream(request, maxBytes, leftover) : leftover()

  function limited(bytes: Uint8Array): Uint8Array {
    if (bytes.length > maxBytes) throw bodyTooLarge(maxBytes)
    return bytes
  }
  function textOf(text: unknown): Uint8Array | undefined {
    // No parser has been at work on what is not a stream: its text is the platform's own.
    return textBytes(text, { headers: request.headers, isUtf8: !isStream(request) })
  }
  /** Nothing has come and nothing will. */
  function leftover(): Uint8Array {
    if (!isStream(request) && contentLength(request.headers['content-length']) === 0) {
      return new Uint8Array(0)
    }
    throw bodyUnavailable(whyGone(request, { rawBody, body }))
  }
}

/** A platform's getter may parse what is not JSON, and throw. */
function propertyOf(request: ParsedRequest, name: keyof ParsedRequest): unknown {
  try {
    return request[name]
  } catch {
    return undefined
  }
}

/** The platform replays the bytes, and its getter parses them: a stranger's, which nobody has verified. */
function isLazy(request: NodeRequest): boolean {
  return isReplayed(request) && Boolean(Object.getOwnPropertyDescriptor(request, 'body')?.get)
}
