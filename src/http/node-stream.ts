import { viewBytes } from '../base/bytes.js'
import { bodyBrokenOff, bodyTooLarge, bodyUnavailable } from '../delivery/body.js'
import { contentLength } from './content-length.js'
import { createNodeChunks } from './node-chunks.js'

// biome-ignore lint/suspicious/noExplicitAny: Node's own type of a listener
type Listener = (...args: any[]) => void

/** The part of Node's streams that countersign uses. Mocks and polyfills lack some members. */
export interface NodeStream {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly readable?: boolean
  readonly readableDidRead?: boolean
  readonly readableEnded?: boolean
  readonly destroyed?: boolean
  /** The sender hung up before the request was read to its end. */
  readonly aborted?: boolean
  readonly readableFlowing?: boolean | null
  readonly socket?: object | null
  listenerCount?(event: string): number
  listeners?(event: string): unknown[]
  on?(event: string, listener: Listener): unknown
  removeListener?(event: string, listener: Listener): unknown
  resume?(): unknown
}

/** Milliseconds to wait for the first bytes of a stream that may be silent. */
const GRACE = 50

/** Checks whether this stream will deliver all of its bytes. */
export function isLive(request: NodeStream): boolean {
  return (
    isStream(request) &&
    !request.readableDidRead &&
    !request.destroyed &&
    !request.readableEnded &&
    // With a 'readable' listener in place, Node sends no 'data' events to ours, and we would wait for ever.
    !request.listenerCount?.('readable') &&
    // A request built by hand, over a socket that was never connected.
    !isPending(request.socket)
  )
}

/** Checks whether bytes may still come from a stream that is not live: from a mock, or from a platform that has read the stream and replays it to listeners. */
export function mayDeliver(request: NodeStream): boolean {
  if (typeof request.on !== 'function') return false
  if (isReplayed(request)) return true
  const isSpent = request.readableDidRead || request.readableEnded || request.readable === false
  return !isSpent && !request.destroyed && (!isStream(request) || isPending(request.socket))
}

/** True in functions of Vercel's Node runtime: the stream has ended, and the request has its own `on`. */
export function isReplayed(request: NodeStream): boolean {
  return isStream(request) && request.readableEnded === true && Object.hasOwn(request, 'on')
}

export function isStream(request: object): boolean {
  return '_readableState' in request
}

function isPending(socket: NodeStream['socket']): boolean {
  const { pending, destroyed }: { pending?: boolean; destroyed?: boolean } = socket ?? {}
  return pending === true && !destroyed
}

/**
 * The bytes that a stream delivers, at most `maxBytes`, in one buffer.
 * With `onSilence`, a silent stream is given up, and the result is what `onSilence` returns or throws.
 */
export function readNodeStream(
  request: NodeStream,
  maxBytes: number,
  onSilence?: () => Uint8Array | Promise<Uint8Array>,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const length = contentLength(request.headers['content-length'])
    const whole = createNodeChunks(request, maxBytes, length)
    // Inside a promise, so that an error of `onSilence` rejects.
    const grace =
      onSilence &&
      setTimeout(() => {
        release()
        resolve(Promise.resolve().then(onSilence))
      }, GRACE)

    const listeners = {
      data(chunk: unknown) {
        clearTimeout(grace)
        const bytes = viewBytes(chunk)
        if (!bytes) stop(bodyUnavailable(DECODED))
        else if (!whole.add(bytes)) stop(bodyTooLarge(maxBytes))
      },
      end() {
        release()
        resolve(whole.bytes())
      },
      error: (error: unknown) => stop(bodyBrokenOff(error)),
      close: () => stop(bodyBrokenOff()),
    }
    let isOver = false
    let wrappers: Wrappers
    wrappers = listen(request, listeners)
    // A mock may have delivered everything while the listeners were added.
    if (isOver) unlisten(request, listeners, wrappers)

    function release(): void {
      isOver = true
      clearTimeout(grace)
      unlisten(request, listeners, wrappers)
    }
    function stop(error: unknown): void {
      release()
      discardRest(request)
      reject(error)
    }

    // Earlier middleware may have paused it.
    request.resume?.()
    if (length !== undefined && length > maxBytes) stop(bodyTooLarge(maxBytes))
  })
}

/** The rest is read and discarded, so that the sender can read the answer. */
function discardRest(request: NodeStream): void {
  let wrappers: Wrappers
  const listeners = { error: () => {}, close: () => unlisten(request, listeners, wrappers) }
  wrappers = listen(request, listeners)
}

const DECODED =
  'the stream was set to decode text (setEncoding), so its bytes are gone: mount verifyWebhook before the code that sets it'

type Listeners = Readonly<Record<string, Listener>>
type Wrappers = [event: string, listener: Listener][] | undefined

/** Returns the listeners that instrumentation has put in place of these, for {@link unlisten}. */
function listen(request: NodeStream, listeners: Listeners): Wrappers {
  let wrappers: Wrappers
  // Looking for wrappers is expensive. If the first listener was added as it is, the others are too, unless this request has an `on` of its own.
  let isPlain = false
  for (const event in listeners) {
    const listener = listeners[event] as Listener
    const before: readonly unknown[] | undefined = isPlain ? undefined : listenersOf(request, event)
    request.on?.(event, listener)
    if (!before) continue
    const after = listenersOf(request, event)
    const own: readonly unknown[] = before.length
      ? after.filter((other) => !before.includes(other))
      : after
    isPlain = own.length === 1 && own[0] === listener && !Object.hasOwn(request, 'on')
    for (const other of own) {
      if (other === listener) continue
      wrappers ??= []
      wrappers.push([event, other as Listener])
    }
  }
  return wrappers
}

function unlisten(request: NodeStream, listeners: Listeners, wrappers: Wrappers = []): void {
  for (const event in listeners) request.removeListener?.(event, listeners[event] as Listener)
  for (const [event, wrapper] of wrappers) request.removeListener?.(event, wrapper)
}

const NOBODY: readonly unknown[] = []

/** Counts first, because most requests have no listener yet and `listeners` makes a new list. */
function listenersOf(request: NodeStream, event: string): readonly unknown[] {
  if (request.listenerCount?.(event) === 0) return NOBODY
  return request.listeners?.(event) ?? NOBODY
}
