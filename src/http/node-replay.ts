/** What is used of a Node request. Not Node's own type: the types of this folder are read on runtimes that know no `node:http`. */
interface Emitter {
  on(event: string, listener: (...args: unknown[]) => void): unknown
}

/** Lets what comes later read a body again: parsers that know no mark of a spent stream would wait for it for ever. */
export function replayNodeBody(request: Emitter, bytes: Uint8Array): void {
  const { Readable } = process.getBuiltinModule('stream')
  const replay = Readable.from([bytes], { objectMode: false })
  const { on } = request

  function listen(event: string, listener: (...args: unknown[]) => void): Emitter {
    if (/^(data|end|readable)$/.test(event)) replay.on(event, listener)
    else on.call(request, event, listener)
    return request
  }
  const methods = {
    on: listen,
    addListener: listen,
    read: replay.read.bind(replay),
    pipe: replay.pipe.bind(replay),
    unpipe: replay.unpipe.bind(replay),
    [Symbol.asyncIterator]: () => replay[Symbol.asyncIterator](),
  }
  for (const [name, value] of Reflect.ownKeys(methods).map(
    (name) => [name, Reflect.get(methods, name)] as const,
  )) {
    // Not enumerable, so that frameworks which copy the request's properties leave them.
    Object.defineProperty(request, name, { value, configurable: true, writable: true })
  }
}
