/** The part of a Node request that countersign uses. Not Node's own type, because runtimes without `node:http` also read the types of this folder. */
interface Emitter {
  on(event: string, listener: (...args: unknown[]) => void): unknown
}

/** Lets later parsers read the body again. Parsers that do not check for a spent stream would wait for ever. */
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
    // Not enumerable, so that frameworks do not copy them with the other properties of the request.
    Object.defineProperty(request, name, { value, configurable: true, writable: true })
  }
}
