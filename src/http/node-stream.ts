import { viewBytes } from '../base/bytes.js'
import { createGrowingBytes } from '../base/growing-bytes.js'
import { bodyBrokenOff, bodyTooLarge, bodyUnavailable } from '../delivery/body.js'
import { contentLength } from './content-length.js'

// biome-ignore lint/suspicious/noExplicitAny: Node's own type of a listener
type Listener = (...args: any[]) => void

/** The part of Node's streams that is used. Mocks and polyfills lack some of it. */
export interface NodeStream {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly readable?: boolean
  readonly readableDidRead?: boolean
  readonly readableEnded?: boolean
  readonly destroyed?: boolean
  readonly socket?: object | null
  listenerCount?(event: string): number
  listeners?(event: string): unknown[]
  on?(event: string, listener: Listener): unknown
  removeListener?(event: string, listener: Listener): unknown
  resume?(): unknown
}

const EVENTS = ['data', 'end', 'error', 'close'] as const

/** Milliseconds that something which may never speak is listened to. */
const GRACE = 50

/** Will this stream deliver its bytes, all of them, if we listen? */
export function isLive(request: NodeStream): boolean {
  return (
    isStream(request) &&
    !request.readableDidRead &&
    !request.destroyed &&
    !request.readableEnded &&
    // Node hands 'readable' listeners what it would hand to ours: with one in front nothing flows, and waiting would be for ever.
    !request.listenerCount?.('readable') &&
    // A request made by hand, over a socket that was never connected.
    !isPending(request.socket)
  )
}

/** Not a stream that is spent, yet bytes may come: from a mock, or replayed to listeners by a platform that has read the stream itself. */
export function mayDeliver(request: NodeStream): boolean {
  if (typeof request.on !== 'function') return false
  if (isReplayed(request)) return true
  const isSpent = request.readableDidRead || request.readableEnded || request.readable === false
  return !isSpent && !request.destroyed && (!isStream(request) || isPending(request.socket))
}

/** Functions of Vercel's Node runtime: the stream is at its end, and the request has an `on` of its own. */
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
 * With `onSilence`, a stream that shows no sign of life is given up, and the result is what that returns or throws.
 */
export function readNodeStream(
  request: NodeStream,
  maxBytes: number,
  onSilence?: () => Uint8Array | Promise<Uint8Array>,
): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    const length = contentLength(request.headers['content-length'])
    const whole = createGrowingBytes(maxBytes, length)
    const grace = onSilence && setTimeout(giveUp, GRACE)

    const releases = EVENTS.map((event) =>
      listen(request, event, (value) => {
        clearTimeout(grace)
        listeners[event](value)
      }),
    )
    const listeners = {
      data(chunk: unknown) {
        const bytes = viewBytes(chunk)
        if (!bytes) stop(bodyUnavailable(DECODED))
        else if (!whole.add(bytes)) stop(bodyTooLarge(maxBytes))
      },
      end() {
        release()
        resolve(whole.bytes())
      },
      error: (error: unknown) => stop(bodyBrokenOff('the request broke off', error)),
      close: () => stop(bodyBrokenOff('the connection closed before the whole body had arrived')),
    }

    function release(): void {
      clearTimeout(grace)
      for (const release of releases) release()
    }
    /** The rest goes on flowing and is discarded, so that the sender gets to read the answer. */
    function stop(error: unknown): void {
      release()
      const silent = listen(request, 'error', () => {})
      const closed = listen(request, 'close', () => {
        silent()
        closed()
      })
      reject(error)
    }
    function giveUp(): void {
      release()
      // A promise, for what `onSilence` throws.
      resolve(Promise.resolve().then(onSilence as () => Uint8Array))
    }

    // Somebody in front may have paused it.
    request.resume?.()
    if (length !== undefined && length > maxBytes) stop(bodyTooLarge(maxBytes))
  })
}

const DECODED = 'the stream was set to decode text (setEncoding): its bytes are gone'

/** Returns how to take the listener away again, also if instrumentation puts another one in its place. */
function listen(request: NodeStream, event: string, listener: Listener): () => void {
  const before = request.listeners?.(event) ?? []
  request.on?.(event, listener)
  const added = request.listeners?.(event).filter((other) => !before.includes(other)) ?? []
  return () => {
    for (const own of new Set([listener, ...added])) {
      request.removeListener?.(event, own as Listener)
    }
  }
}
