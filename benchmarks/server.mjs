// A server in a process of its own: `node serve.mjs <piece> <contestant>`, stopped when `use` has ended.
import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** Runs `use` with the port and the process of the server. */
export async function withServer(piece, contestant, use, flags = []) {
  const server = spawn(process.execPath, [...flags, 'serve.mjs', piece, contestant], {
    cwd: import.meta.dirname,
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  try {
    const [port] = await once(server.stdout, 'data')
    return await use(Number(port), server)
  } finally {
    server.kill()
    await once(server, 'exit')
  }
}
