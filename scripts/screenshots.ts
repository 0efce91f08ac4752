// Makes the pictures of docs/cli.md from a real run: `npm run docs:screenshots`. Needs Chromium and util-linux's `script`.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { generateSecret } from '../src/sign.js'
import { signedRequest, staleRequest, tamperedRequest } from '../src/testing/index.js'
import { openBrowser } from '../test/cli/browser.js'
import { listening } from '../test/support/listening-server.js'

const ESCAPE = '\u001b'
const FOLDER = 'docs/images'
const secret = generateSecret()

const application = await listening((request, response) => {
  request.resume()
  response.writeHead(204).end()
})
const command = `${process.execPath} dist/esm/src/cli/bin.js listen --port 4100 --forward-to ${application.url}/webhooks`
// A terminal of its own, so that it colours its lines.
const terminal = spawn('script', ['-qefc', command, '/dev/null'], {
  env: { ...process.env, COUNTERSIGN_SECRET: secret, NO_COLOR: '', TERM: 'xterm' },
  stdio: ['pipe', 'pipe', 'inherit'],
})
let printed = ''
terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
  printed += text
})
while (!printed.includes('Ctrl-C')) await once(terminal.stdout, 'data')

const event = (type: string, data: object) => ({ secret, payload: { type, data } })
const deliveries = [
  await signedRequest(event('invoice.paid', { id: 'in_4711', amount: 1999, currency: 'eur' })),
  await signedRequest(event('user.created', { id: 'us_12', email: 'ada@example.com' })),
  await staleRequest(event('invoice.voided', { id: 'in_4702' })),
  await signedRequest(event('payment.succeeded', { id: 'pay_81', amount: 1999 })),
  await tamperedRequest(event('payment.refunded', { id: 'pay_80', amount: 1 })),
  await signedRequest(event('invoice.paid', { id: 'in_4712', lines: [{ sku: 'A-1', count: 2 }] })),
]
// A delivery whose body a proxy has serialised again.
const spaced = await signedRequest({
  secret,
  body: '{"type":"order.shipped","data":{"id":"or_9"}}',
})
for (const { headers, body } of deliveries) await post(headers, body)
await post(spaced.headers, Buffer.from('{"type": "order.shipped", "data": {"id": "or_9"}}'))
await new Promise((resolve) => setTimeout(resolve, 1500))

const browser = await openBrowser('http://127.0.0.1:4100/_countersign', {
  width: 1180,
  height: 700,
})
await browser.page.locator('.row').first().click()
await browser.page.locator('.findings').waitFor()
await browser.page.screenshot({ path: join(FOLDER, 'live-page.png') })
// The live page cannot be written into, so a blank page shows the text.
await browser.page.goto('about:blank')
await browser.page.setContent(pageOf(printed), { waitUntil: 'load' })
await browser.page.locator('pre').screenshot({ path: join(FOLDER, 'terminal.png') })
await browser.close()
terminal.stdin.write('\u0003')
await once(terminal, 'close')
await application.close()

async function post(headers: Record<string, string>, body: Uint8Array): Promise<void> {
  const url = 'http://127.0.0.1:4100/webhooks'
  await fetch(url, { method: 'POST', headers, body: new Uint8Array(body) })
}

/** What the terminal showed, as a page with its colours. */
function pageOf(text: string): string {
  const colours: Readonly<Record<string, string>> = {
    2: '#9aa3b0',
    31: '#ff8a80',
    32: '#6bd69a',
    33: '#f0c56a',
  }
  const safe = text.replace(/[\r]/g, '').replaceAll('&', '&amp;').replaceAll('<', '&lt;')
  const coloured = safe
    .replaceAll(`${ESCAPE}[0m`, '</span>')
    .split(`${ESCAPE}[`)
    .map((part) =>
      part.replace(/^(\d+)m/, (_, code) => `<span style="color:${colours[code] ?? 'inherit'}">`),
    )
    .join('')
  const style =
    'margin:0;padding:18px 22px;width:1180px;background:#14171c;color:#e7e9ed;font:12.5px/1.55 DejaVu Sans Mono,monospace;white-space:pre-wrap'
  return `<body style="margin:0"><pre style="${style}">${coloured.trim()}</pre></body>`
}
