import { readFileSync } from 'node:fs'
import { afterEach, expect, test } from '@jest/globals'
import { generateSecret } from 'countersign/sign'
import { type Browser, openBrowser } from './browser.js'
import { type RunningListener, runProgram, startListener } from './program.js'

const env = { COUNTERSIGN_SECRET: generateSecret() }
const COUNT = 10_000
let listener: RunningListener
let browser: Browser | undefined

afterEach(async () => {
  await browser?.close()
  browser = undefined
  expect(await listener.stop()).toBe(0)
})

/** Largest resident size so far, in MiB. */
function peak(): number {
  const status = readFileSync(`/proc/${listener.child.pid}/status`, 'utf8')
  return Number(status.match(/VmHWM:\s+(\d+)/)?.[1]) / 1024
}

test.each(['signed', 'tampered'])(
  'ten thousand %s deliveries: none is lost, memory stays bounded, the page goes on',
  async (variant) => {
    listener = await startListener(env, '--json')
    browser = await openBrowser(`${listener.url}/_countersign`)
    const { page } = browser
    const { code, output } = await runProgram(
      env,
      'send',
      listener.url,
      '--count',
      String(COUNT),
      '--concurrency',
      '50',
      '--variant',
      variant,
      '--json',
    )
    expect(code).toBe(0)
    const { sent, right, p50, p99 } = JSON.parse(output)
    console.log(`${variant}: p50 ${p50} ms, p99 ${p99} ms, at most ${peak().toFixed(0)} MiB`)
    expect({ sent, right }).toEqual({ sent: COUNT, right: COUNT })
    await listener.shows(new RegExp(`"number":${COUNT},`))
    const numbers = [...listener.output().matchAll(/^\{"number":(\d+),/gm)].map(([, number]) =>
      Number(number),
    )
    expect(new Set(numbers).size).toBe(COUNT)
    expect(peak()).toBeLessThan(400)
    await page.waitForFunction(
      () => document.querySelector('.row')?.getAttribute('aria-setsize') === '1000',
    )
    await page.locator('.row').first().click()
    await page.locator('.lines pre').first().waitFor()
    expect(browser.errors).toEqual([])
  },
)

test('bodies of a mebibyte do not pile up', async () => {
  listener = await startListener(env)
  const { writeFileSync, mkdtempSync, rmSync } = await import('node:fs')
  const folder = mkdtempSync('/tmp/countersign-')
  writeFileSync(`${folder}/body`, JSON.stringify({ x: 'a'.repeat(1_000_000) }))
  const { code } = await runProgram(
    env,
    'send',
    listener.url,
    '--body',
    `${folder}/body`,
    '--count',
    '600',
    '--concurrency',
    '4',
  )
  rmSync(folder, { recursive: true })
  expect(code).toBe(0)
  expect(peak()).toBeLessThan(700)
})
