import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { overSocket, type Running } from './contract.js'

/** Lets a server listen on a port of its own, for as long as a case runs. */
export async function listening(server: Server): Promise<Running & { readonly port: number }> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    port,
    send: overSocket(port),
    close() {
      server.closeAllConnections()
      return new Promise((resolve) => server.close(resolve))
    },
  }
}
