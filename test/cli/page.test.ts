import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import axe from 'axe-core'
import { generateSecret } from 'countersign/sign'
import { signedRequest, staleRequest, tamperedRequest } from 'countersign/testing'
import type { Page } from 'playwright-core'
import { type Listening, listening } from '../support/listening-server.js'
import { type Browser, openBrowser } from './browser.js'
import { type RunningListener, startListener } from './program.js'

const run = promisify(execFile)
const SHOTS = join(process.cwd(), '.build/screenshots')
const secret = generateSecret()
const env = { COUNTERSIGN_SECRET: secret }

let listener: RunningListener
let browser: Browser
let page: Page
let application: Listening
let handled: string[]
/** The connection was cut on purpose. */
let lost: boolean

type Request = { readonly headers: Record<string, string>; readonly body: Uint8Array }
async function post(request: Request, path = '/webhooks'): Promise<void> {
  const body = new Uint8Array(request.body)
  const answer = await fetch(listener.url + path, {
    method: 'POST',
    headers: request.headers,
    body,
  })
  await answer.arrayBuffer()
}
async function deliver(type: string, id?: string): Promise<void> {
  await post(await signedRequest({ secret, id, payload: { type, data: { n: 1 } } }))
}
const rows = () => page.locator('.row')
const row = (words: string) => rows().filter({ hasText: words }).first()
const button = (name: string) => page.getByRole('button', { name })
async function copied(name: string): Promise<string> {
  await button(name).click()
  await page.waitForFunction(() =>
    document.querySelector('.notice')?.textContent?.startsWith('Copied'),
  )
  return page.evaluate(() => navigator.clipboard.readText())
}

beforeAll(() => {
  mkdirSync(SHOTS, { recursive: true })
})
beforeEach(async () => {
  handled = []
  lost = false
  application = await listening(async (request, response) => {
    handled.push(await text(request))
    response.writeHead(202).end('{"taken":true}')
  })
  listener = await startListener(env, '--forward-to', application.url)
})
afterEach(async () => {
  expect(browser.foreign).toEqual([])
  if (!lost) expect(browser.errors).toEqual([])
  await browser.close()
  expect(await listener.stop()).toBe(0)
  await application.close()
})
async function open(options: Parameters<typeof openBrowser>[1] = {}): Promise<void> {
  browser = await openBrowser(`${listener.url}/_countersign`, options)
  page = browser.page
  await page.getByText('live at').waitFor()
}

test('deliveries arrive, newest first, with verdict, code, type, id, age, size and answer', async () => {
  await deliver('before.opening', 'msg_0')
  await open()
  await row('before.opening').waitFor()
  await deliver('invoice.paid', 'msg_1')
  await post(await staleRequest({ secret, id: 'msg_2', payload: { type: 'user.created' } }))
  await row('user.created').waitFor()
  await page.getByText('Refused: timestamp_too_old').waitFor()
  const texts = await rows().allTextContents()
  expect(texts).toEqual([
    expect.stringMatching(
      /^user\.created msg_2.*✗ Refused: timestamp_too_old.*23 B {2}→ 202 in \d+ ms$/,
    ),
    expect.stringMatching(/^invoice\.paid msg_1(now|\d s ago)✓ Accepted38 B {2}→ 202 in \d+ ms$/),
    expect.stringContaining('before.opening'),
  ])
})

test('the filter: words and verdict', async () => {
  await deliver('invoice.paid')
  await deliver('user.created')
  await post(await tamperedRequest({ secret, payload: { type: 'invoice.void' } }))
  await open()
  await rows().nth(2).waitFor()
  await page.getByRole('searchbox').fill('INVOICE')
  await expect(rows().count()).resolves.toBe(2)
  await button('Refused').click()
  await expect(rows().allTextContents()).resolves.toEqual([expect.stringContaining('invoice.void')])
  await page.getByRole('searchbox').fill('mismatch')
  await expect(rows().count()).resolves.toBe(1)
  await page.getByRole('searchbox').fill('nothing like it')
  await page.getByText('No delivery fits the filter.').waitFor()
})

test('the selected one: why it was refused, with the fix; a replay and a new signature', async () => {
  await post(await staleRequest({ secret, id: 'msg_old', payload: { type: 'late' } }))
  await open()
  await row('late').click()
  await page.getByText('clock_skew').waitFor()
  await page.getByText('Synchronise the clocks').waitFor()
  await page.getByText('The application accepted it although').waitFor()
  await button('Replay').click()
  await page.getByText('Sent again: the same bytes.').waitFor()
  await page.waitForFunction(() => document.querySelectorAll('.row').length === 2)
  await expect(rows().first().textContent()).resolves.toContain('timestamp_too_old')
  await row('late').click()
  await button('Send again, signed now').click()
  await page.waitForFunction(() => document.querySelectorAll('.row').length === 3)
  await expect(rows().first().textContent()).resolves.toMatch(/msg_old.*✓ Accepted.*repeats #/)
  expect(handled).toEqual(Array(3).fill('{"type":"late"}'))
})

test('everything by keyboard alone', async () => {
  for (const type of ['one', 'two', 'three']) await deliver(type)
  await open()
  await rows().nth(2).waitFor()
  await page.keyboard.press('/')
  await page.keyboard.type('t')
  await page.keyboard.press('Tab')
  const name = () => page.evaluate(() => document.activeElement?.textContent ?? '')
  await expect(name()).resolves.toContain('All')
  for (let i = 0; i < 3; i++) await page.keyboard.press('Tab')
  await expect(page.evaluate(() => document.activeElement?.className)).resolves.toBe('list')
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('ArrowDown')
  await expect(page.locator('[aria-selected=true]').first().textContent()).resolves.toContain('two')
  await page.keyboard.press('End')
  await page.keyboard.press('Home')
  await page.keyboard.press('Enter')
  await page.waitForFunction(() => document.activeElement?.textContent === 'three')
  await page.keyboard.press('Tab')
  await expect(name()).resolves.toBe('Replay')
  await page.keyboard.press('Enter')
  await page.getByText('Sent again: the same bytes.').waitFor()
  expect(handled).toHaveLength(4)
  for (let i = 0; i < 5; i++) await page.keyboard.press('Tab')
  await expect(name()).resolves.toBe('Formatted')
  await page.keyboard.press('ArrowLeft')
  await expect(name()).resolves.toBe('Hex')
  await page.getByText('7b 22 74').waitFor()
  await page.keyboard.press('Tab')
  await expect(page.evaluate(() => document.activeElement?.className)).resolves.toBe('lines')
  await page.keyboard.press('Escape')
  await expect(page.evaluate(() => document.activeElement?.className)).resolves.toBe('list')
})

const HOSTILE = {
  markup: '<img src=x onerror=alert(1)><script>alert(2)</script>',
  shell: `'; touch /tmp/pwned; $(touch /tmp/pwned) \`id\` "\\" %00 !! @/etc/passwd`,
  escapes: '\u001b[2J\u001b]0;x\u0007\u202eright\u2066',
}

describe('copies', () => {
  test.each([
    ['text', Buffer.from(`@{"type":"a","x":${JSON.stringify(HOSTILE.shell)}}\n`)],
    ['escape sequences', Buffer.from(`{"x":"${HOSTILE.escapes}"}`)],
    ['binary', Buffer.from(Array.from({ length: 512 }, (_, i) => i & 255))],
    ['nothing', Buffer.alloc(0)],
    ['a mebibyte', Buffer.alloc(1_048_576, 'a')],
  ])('as curl, of %s: the command reproduces the request', async (_, body) => {
    const { headers } = await signedRequest({ secret, body })
    await post(
      {
        headers: { ...headers, 'X-Odd': HOSTILE.shell.slice(0, 60), 'x-bytes': 'gr\xc3\xbcn\xff' },
        body,
      },
      "/a/../b'c?d=[1]&e={2}",
    )
    await open()
    await rows().first().click()
    const command = await copied('Copy as curl')
    const script = join(project, 'copied.sh')
    writeFileSync(script, `${command} > /dev/null`)
    await run('bash', [script])
    await page.waitForFunction(() => document.querySelectorAll('.row').length === 2)
    const [first, second] = await Promise.all(
      [1, 2].map(async (number) => {
        const root = `${listener.url}/_countersign/deliveries/${number}`
        const { method, url, headers, verdict } = await (await fetch(root)).json()
        const bytes = Buffer.from(await (await fetch(`${root}/body`)).arrayBuffer())
        const lines = (headers as [string, string][])
          .filter(([name]) => !/^(connection|content-length|expect)$/i.test(name))
          // curl spells this one name as it likes.
          .map(([name, value]) => [name.replace(/^host$/i, 'host'), value] as const)
          .sort(([a], [b]) => a.localeCompare(b))
        return { method, url, lines, verdict, bytes: bytes.toString('base64') }
      }),
    )
    expect(second).toEqual(first)
  })

  let project: string
  beforeAll(() => {
    project = mkdtempSync(join(tmpdir(), 'countersign-copied-'))
    mkdirSync(join(project, 'node_modules'))
    symlinkSync(process.cwd(), join(project, 'node_modules/countersign'))
    writeFileSync(join(project, 'package.json'), '{"jest":{"transform":{}}}')
  })
  afterAll(() => rmSync(project, { recursive: true, force: true }))

  test('as a Jest test: Jest runs it, whatever the verdict was', async () => {
    const requests: Request[] = [
      await signedRequest({ secret, payload: { type: 'a', x: HOSTILE } }),
      await staleRequest({ secret }),
      await tamperedRequest({ secret }),
      await signedRequest({ secret, body: Uint8Array.of(255, 0, 1) }),
      { headers: { 'webhook-id': "it's \\ one" }, body: Buffer.from('{}') },
      {
        headers: { ...(await signedRequest({ secret })).headers, 'content-encoding': 'br' },
        body: Buffer.from('x'),
      },
      await signedRequest({ secret, body: Buffer.from(JSON.stringify({ x: 'ü'.repeat(10_000) })) }),
    ]
    for (const request of requests) await post(request)
    await open()
    await rows()
      .nth(requests.length - 1)
      .waitFor()
    for (let i = 0; i < requests.length; i++) {
      await rows().nth(i).click()
      writeFileSync(join(project, `copied-${i}.test.js`), await copied('Copy as Jest test'))
      await page.evaluate(() => document.querySelector('.notice')?.replaceChildren())
    }
    const jest = join(process.cwd(), 'node_modules/jest/bin/jest.js')
    const { PATH = '' } = process.env
    const { stderr } = await run(process.execPath, [jest, '--rootDir', project, '-i'], {
      cwd: project,
      env: { PATH, ...env },
    })
    expect(stderr).toContain(`Tests:       ${requests.length} passed, ${requests.length} total`)
  })

  test('as a capture file: a download that verify reads', async () => {
    await deliver('a')
    await open()
    await rows().first().click()
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByText('Download capture').click(),
    ])
    const file = await download.path()
    expect(JSON.parse(await readFile(file, 'utf8'))).toMatchObject({ version: 1, method: 'POST' })
  })
})

test('hostile bodies and header values are text, never markup', async () => {
  let isFooled = false
  await post({
    headers: {
      ...(await signedRequest({ secret })).headers,
      'x-markup': HOSTILE.markup,
      [`x-${'y'.repeat(200)}`]: 'z'.repeat(3000),
    },
    body: Buffer.from(JSON.stringify({ type: HOSTILE.markup + HOSTILE.escapes, x: HOSTILE })),
  })
  await open()
  page.on('dialog', () => {
    isFooled = true
  })
  await rows().first().click()
  await page.getByRole('tab', { name: 'Raw' }).first().click()
  await page.locator('.lines pre').first().waitFor()
  const shown = await page.locator('body').textContent()
  expect(shown).toContain('<img src=x onerror=alert(1)>')
  expect(shown).toContain('\\u202e')
  for (const character of '\u001b\u202e\u2066') expect(shown).not.toContain(character)
  await expect(page.locator('img, .frame script').count()).resolves.toBe(0)
  expect(isFooled).toBe(false)
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)
  expect(overflow).toBe(false)
})

test('bodies of a mebibyte: on one line, in many lines, in brackets, in bytes; the page goes on', async () => {
  const MiB = 1_048_576
  const bodies = [
    Buffer.from(`{"type":"line","x":"${'a'.repeat(MiB - 30)}"}`),
    Buffer.alloc(MiB, '\n'),
    Buffer.alloc(MiB, '['),
    Buffer.from(`[${'[],'.repeat(300_000)}0]`),
    Buffer.from(Array.from({ length: MiB }, (_, i) => (i * 7) & 255)),
  ]
  for (const body of bodies) await post(await signedRequest({ secret, body }))
  await open()
  await rows()
    .nth(bodies.length - 1)
    .waitFor()
  for (let i = 0; i < bodies.length; i++) {
    await rows().nth(i).click()
    for (const name of ['Formatted', 'Raw', 'Hex']) {
      await page.getByRole('tab', { name }).first().click()
      await page.locator('.lines pre').first().waitFor()
      const nodes = await page.evaluate(() => document.querySelectorAll('*').length)
      const drawn = await page.locator('.lines pre').first().textContent()
      expect(nodes).toBeLessThan(400)
      expect(drawn?.length).toBeLessThan(20_000)
    }
    await page
      .locator('.lines')
      .first()
      .evaluate((lines) => lines.scrollTo(0, lines.scrollHeight))
    await page.waitForFunction(() => document.querySelector('.lines pre')?.textContent !== '')
  }
})

test('a thousand deliveries are kept, and only the visible rows are in the page', async () => {
  await open()
  await run(
    process.execPath,
    ['dist/esm/src/cli/bin.js', 'send', listener.url, '--count', '1200', '--concurrency', '20'],
    {
      env: { ...process.env, ...env },
    },
  )
  await page.waitForFunction(
    () => document.querySelector('.row')?.getAttribute('aria-setsize') === '1000',
  )
  await expect(rows().count()).resolves.toBeLessThan(60)
  await page.locator('.list').evaluate((list) => list.scrollTo(0, list.scrollHeight))
  await page.locator('[aria-posinset="1000"]').waitFor()
  const before = await page.locator('[aria-posinset="1000"]').textContent()
  await deliver('newcomer')
  await page.waitForFunction(() => document.querySelector('.kinds small')?.textContent === '1000')
  expect(before).not.toBe('')
})

test('a lost connection: the page says so, and comes back by itself', async () => {
  await deliver('first')
  await open()
  await row('first').waitFor()
  const { port } = new URL(listener.url)
  await listener.stop()
  await page.getByText('not connected').waitFor()
  listener = await startListener(env, '--forward-to', application.url, '--port', port)
  await page.getByText('live at').waitFor()
  await deliver('second')
  await row('second').waitFor()
  // The new run knows nothing of the first one.
  await expect(rows().count()).resolves.toBe(1)
  // The browser notes each try.
  const other = browser.errors.filter(
    (text) => !text.startsWith('Failed to load resource: net::ERR_'),
  )
  expect(other).toEqual([])
  lost = true
})

describe.each(['light', 'dark'] as const)('in the %s theme', (colorScheme) => {
  test.each([
    ['wide', 1280],
    ['phone', 360],
  ])('no violation of axe-core, %s; screenshots', async (name, width) => {
    await deliver('invoice.paid')
    await post(
      await tamperedRequest({ secret, payload: { type: 'user.created', data: { a: [1, 2] } } }),
    )
    await open({ colorScheme, width, height: 780 })
    const shot = (part: string) =>
      page.screenshot({ path: join(SHOTS, `${name}-${colorScheme}-${part}.png`) })
    const check = async () => {
      await page.evaluate(axe.source)
      const { violations } = await page.evaluate(() =>
        (globalThis as unknown as { axe: typeof axe }).axe.run(),
      )
      expect(violations.map(({ id, nodes }) => [id, nodes[0]?.html])).toEqual([])
      await expect(page.evaluate(() => document.documentElement.scrollWidth)).resolves.toBe(width)
    }
    await rows().nth(1).waitFor()
    await check()
    await shot('list')
    await row('user.created').click()
    await page.locator('.findings').waitFor()
    await page.locator('.lines pre').first().waitFor()
    await check()
    await shot('detail')
  })
})
