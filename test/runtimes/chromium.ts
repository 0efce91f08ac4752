import { execFileSync, spawn } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { ReachableAccount } from '../conformance/library.js'
import type { Report } from '../conformance/suite.js'
import { BUILD } from './prepare.js'
import { emptyFolder } from './runtimes.js'

const COMMAND = process.env.CHROMIUM ?? 'chromium'
const PATIENCE = 120_000

export function chromiumVersion(): string {
  const output = execFileSync(COMMAND, ['--version'], { encoding: 'utf8', stdio: 'pipe' })
  return output.match(/\d+(\.\d+)+/)?.[0] ?? output.trim()
}

/** Opens a page with the WebCrypto build in a headless Chromium and waits for its report. */
export async function runInChromium(account: ReachableAccount): Promise<Report> {
  let reported: (report: Report) => void = () => {}
  const report = new Promise<Report>((resolve) => {
    reported = resolve
  })
  const server = createServer((request, response) => {
    answer(request, response, account, reported).catch((error) => response.destroy(error))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const profile = emptyFolder()
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/#${account.token}`
  const args = ['--headless', '--no-sandbox', '--disable-gpu', `--user-data-dir=${profile}`, url]
  const child = spawn(COMMAND, args, { stdio: 'ignore', detached: true })
  const gone = new Promise<never>((_, reject) => {
    child.on('exit', (code) => reject(new Error(`it ended with code ${code}`)))
    setTimeout(() => reject(new Error('no report came')), PATIENCE).unref()
  })
  try {
    return await Promise.race([report, gone])
  } finally {
    gone.catch(() => {})
    // With all its own processes, which are a group because it was started detached.
    if (child.pid) process.kill(-child.pid, 'SIGKILL')
    server.closeAllConnections()
    server.close()
    // Its own children may still be writing.
    rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 })
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  account: ReachableAccount,
  reported: (report: Report) => void,
): Promise<void> {
  const { url = '', method = 'GET', headers } = request
  if (url.startsWith('/v1/')) {
    const { authorization = '' } = headers
    const upstream = await fetch(account.baseUrl + url, { method, headers: { authorization } })
    response.writeHead(upstream.status, { 'content-type': 'application/json' })
    response.end(await upstream.text())
  } else if (url === '/report') {
    reported(JSON.parse(await text(request)))
    response.end()
  } else if (url === '/browser.mjs') {
    response.writeHead(200, { 'content-type': 'text/javascript' })
    response.end(readFileSync(join(BUILD, 'browser.mjs')))
  } else {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end('<script type="module" src="/browser.mjs"></script>')
  }
}
