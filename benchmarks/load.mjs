// Requests per second of a server in a process of its own, under a real load generator over loopback.
import { execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { jsonBody, signedHeaders } from './delivery.mjs'

const CONNECTIONS = 50
const SECONDS = 3
const exec = promisify(execFile)

/** Debian's `wrk` if it is installed: it leaves the server more of the machine than `autocannon` does. */
export const generator = hasWrk() ? 'wrk' : 'autocannon'

function hasWrk() {
  try {
    execFileSync('which', ['wrk'])
    return true
  } catch {
    return false
  }
}

/** A side of a ratio: starts `node serve.mjs <piece> <contestant>`, warms it up, measures it, stops it. */
export function loaded(piece, contestant) {
  return async () => {
    const server = spawn(process.execPath, ['serve.mjs', piece, contestant], {
      cwd: import.meta.dirname,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    try {
      const [port] = await once(server.stdout, 'data')
      const url = `http://127.0.0.1:${Number(port)}/webhooks`
      await requestsPerSecond(url, 1)
      return await requestsPerSecond(url, SECONDS)
    } finally {
      server.kill()
    }
  }
}

async function requestsPerSecond(url, seconds) {
  const body = jsonBody(1024)
  const { 'content-type': type, ...headers } = signedHeaders(body)
  const sent = { 'content-type': type }
  for (const name of ['webhook-id', 'webhook-timestamp', 'webhook-signature']) {
    sent[name] = headers[name]
  }
  const measure = generator === 'wrk' ? withWrk : withAutocannon
  const { perSecond, refused } = await measure({ url, seconds, body, headers: sent })
  if (refused > 0) throw new Error(`${refused} requests to ${url} did not succeed`)
  return perSecond
}

async function withWrk({ url, seconds, body, headers }) {
  const folder = mkdtempSync(join(tmpdir(), 'wrk-'))
  const script = join(folder, 'post.lua')
  const lines = ['wrk.method = "POST"', `wrk.body = ${JSON.stringify(body.toString())}`]
  for (const [name, value] of Object.entries(headers)) {
    lines.push(`wrk.headers[${JSON.stringify(name)}] = ${JSON.stringify(value)}`)
  }
  writeFileSync(script, lines.join('\n'))
  const args = ['-t1', `-c${CONNECTIONS}`, `-d${seconds}s`, '-s', script, url]
  const { stdout } = await exec('wrk', args)
  rmSync(folder, { recursive: true })
  return {
    perSecond: Number(stdout.match(/Requests\/sec:\s+([\d.]+)/)?.[1]),
    refused: Number(stdout.match(/Non-2xx or 3xx responses: (\d+)/)?.[1] ?? 0),
  }
}

async function withAutocannon({ url, seconds, body, headers }) {
  const { default: autocannon } = await import('autocannon')
  const options = { url, method: 'POST', body, headers, connections: CONNECTIONS }
  const result = await autocannon({ ...options, duration: seconds })
  return { perSecond: result.requests.average, refused: result.non2xx + result.errors }
}
