import { viewBytes } from '../base/bytes.js'
import { createGrowingBytes } from '../base/growing-bytes.js'
import { bodyBrokenOff, bodyTooLarge, bodyUnavailable } from '../delivery/body.js'
import { contentLength } from './content-length.js'

// biome-ignore lint/suspicious/noExplicitAny: Node's own type of a listener
type Listener = (...args: any[]) => void

/** The part of Node's streams that countersign uses. Mocks and polyfills lack some members. */
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
      error: (error: unknown) => stop(bodyBrokenOff(error)),
      close: () => stop(bodyBrokenOff()),
    }

    function release(): void {
      clearTimeout(grace)
      for (const release of releases) release()
    }
    /** The rest is read and discarded, so that the sender can read the answer. */
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
      // Inside a promise, so that an error of `onSilence` rejects.
      resolve(Promise.resolve().then(onSilence as () => Uint8Array))
    }

    // Earlier middleware may have paused it.
    request.resume?.()
    if (length !== undefined && length > maxBytes) stop(bodyTooLarge(maxBytes))
  })
}

const DECODED =
  'the stream was set to decode text (setEncoding), so its bytes are gone: mount verifyWebhook before the code that sets it'

/** Returns a function that removes the listener, even if instrumentation has wrapped it. */
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
