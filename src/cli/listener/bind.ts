import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

const LOOPBACK = '127.0.0.1'

/** Binds a server to loopback. Throws a `TypeError` that names the next free port if this one is in use. */
export async function bind(server: Server, port: number): Promise<number> {
  try {
    return await listen(server, port)
  } catch (error) {
    const { code } = Object(error)
    if (code === 'EADDRINUSE') {
      const free = await nextFree(port + 1)
      throw new TypeError(`port ${port} is in use: take another one, --port ${free} is free`)
    }
    if (code === 'EACCES') throw new TypeError(`port ${port} needs more rights: use one above 1023`)
    throw error
  }
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, LOOPBACK, () => {
      server.removeListener('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

async function nextFree(first: number): Promise<number> {
  for (let port = first; port < Math.min(first + 100, 65_536); port++) {
    const probe = createServer()
    const isFree = await listen(probe, port).then(
      () => true,
      () => false,
    )
    if (isFree) await new Promise((resolve) => probe.close(resolve))
    if (isFree) return port
  }
  return 0
}
