import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { startDemo } from './app.js'
import { authentic, hostile, send } from './sender.js'

/** `countersign listen` over the demo's account and in front of its app, with something to look at. */
export async function listen(): Promise<void> {
  const demo = await startDemo()
  const { account, url } = demo
  const listener = spawn(
    process.execPath,
    ['dist/esm/src/cli/bin.js', 'listen', '--forward-to', url, '--port', process.env.PORT ?? '0'],
    {
      env: {
        ...process.env,
        COUNTERSIGN_ACCOUNT_TOKEN: account.token,
        COUNTERSIGN_ACCOUNT_URL: account.baseUrl,
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  // Ctrl-C reaches both: the listener ends first, and the demo with it.
  process.on('SIGINT', () => listener.kill('SIGINT'))
  process.on('SIGTERM', () => listener.kill('SIGTERM'))
  listener.on('close', (code) => {
    process.exitCode = code ?? 2
    demo.close()
  })
  for await (const line of createInterface(listener.stdout)) {
    console.log(line)
    const [, origin] = /^Listening +(\S+)/.exec(line) ?? []
    if (origin) setTimeout(() => sendAll(`${origin}/webhooks`, account.secret), 500)
  }
}

async function sendAll(url: string, secret: string): Promise<void> {
  const all = [await authentic('authentic', secret), ...(await hostile(secret))]
  for (const outgoing of all) await send(url, outgoing, false)
}
