import { viewBytes } from '../base/bytes.js'
import { bodyBrokenOff, bodyTooLarge, bodyUnavailable } from '../delivery/body.js'
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
import { whyGone } from './why-gone.js'

/** The object on which body parsers set what they read: Node's request or the framework's own request. */
export interface ParsedRequest {
  readonly body?: unknown
  readonly rawBody?: unknown
}

/** The part of Node's `IncomingMessage` (also of HTTP/2) that countersign uses. */
export interface NodeRequest extends ParsedRequest, NodeStream {}

/**
 * The bytes of a Node request, at most `maxBytes`. Takes the bytes that a parser kept (`rawBody` or the body of `express.raw()`), otherwise the bytes of
 * the stream, otherwise a text that provably equals the bytes. If the parsers of a framework set them on its own request, pass that request
 * as `parsed`; it is used first. Never waits for a spent stream.
 * Throws `body_too_large`, or `body_unavailable` if the bytes are gone.
 */
export function readNodeBody(
  request: NodeRequest,
  maxBytes: number,
  parsed: object = request,
): Uint8Array | Promise<Uint8Array> {
  const live = isLive(request)
  const rawBody = parsedAs('rawBody', parsed, request)
  const body = !live && isLazy(request) ? undefined : parsedAs('body', parsed, request)
  const kept = viewBytes(rawBody) ?? viewBytes(body)
  // A copy, because the application may change the parser's buffer.
  if (kept) return limited(new Uint8Array(kept), maxBytes)
  return live ? readNodeStream(request, maxBytes) : readSpent(request, maxBytes, { rawBody, body })
}

/** The bytes of a request whose stream has probably been read. */
function readSpent(
  request: NodeRequest,
  maxBytes: number,
  { rawBody, body }: ParsedRequest,
): Uint8Array | Promise<Uint8Array> {
  const text = textOf(rawBody) ?? textOf(body)
  if (text) return limited(text, maxBytes)
  return mayDeliver(request) ? readNodeStream(request, maxBytes, leftover) : leftover()

  function textOf(text: unknown): Uint8Array | undefined {
    // If the request is not a stream, no parser has read it: the text comes from the platform.
    return textBytes(text, { headers: request.headers, isUtf8: !isStream(request) })
  }
  /** The stream is silent and will not deliver any bytes. */
  function leftover(): Uint8Array {
    if (request.aborted) throw bodyBrokenOff()
    if (!isStream(request) && contentLength(request.headers['content-length']) === 0) {
      return new Uint8Array(0)
    }
    throw bodyUnavailable(whyGone(request, { rawBody, body }))
  }
}

function limited(bytes: Uint8Array, maxBytes: number): Uint8Array {
  if (bytes.length > maxBytes) throw bodyTooLarge(maxBytes)
  return bytes
}

function parsedAs(name: keyof ParsedRequest, parsed: ParsedRequest, request: NodeRequest): unknown {
  const value = propertyOf(parsed, name)
  return parsed === request ? value : (value ?? propertyOf(request, name))
}

/** The getter of a platform throws if it parses a body that is not JSON. */
function propertyOf(request: ParsedRequest, name: keyof ParsedRequest): unknown {
  try {
    return request[name]
  } catch {
    return undefined
  }
}

/** On platforms that replay the bytes, the getter would parse bytes that are not verified yet. */
function isLazy(request: NodeRequest): boolean {
  return isReplayed(request) && Boolean(Object.getOwnPropertyDescriptor(request, 'body')?.get)
}
