import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A proxy between client and server, which can change or drop their bytes. */
export interface Tap {
  readonly port: number
  /**
   * `pass`: nothing. `refuse`: new connections end at once. `swallow`: bytes vanish silently.
   * `mute`: the server hears, its answers vanish and the connection is cut.
   */
  mode: 'pass' | 'refuse' | 'swallow' | 'mute'
  /** Resets every connection there is. */
  cut(): void
  /** How many times the client has sent something, by what it holds. */
  count(text: string): number
  close(): Promise<void>
}

export async function startTap(target: number): Promise<Tap> {
  const sockets = new Set<Socket>()
  const sent: string[] = []

  const server = createServer((client) => {
    if (tap.mode === 'refuse') return client.resetAndDestroy()
    const upstream = connect(target, '127.0.0.1')
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.on('data', (bytes) => {
      sent.push(bytes.toString('latin1'))
      if (tap.mode !== 'swallow') upstream.write(bytes)
    })
    upstream.on('data', (bytes) => {
      if (tap.mode === 'mute') client.resetAndDestroy()
      else if (tap.mode !== 'swallow') client.write(bytes)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  function cut(): void {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  const tap: Tap = {
    port: (server.address() as AddressInfo).port,
    mode: 'pass',
    cut,
    count: (text) => sent.join('').split(text).length - 1,
    close() {
      for (const socket of sockets) socket.destroy()
      return new Promise((resolve) => server.close(() => resolve()))
    },
  }
  return tap
}
