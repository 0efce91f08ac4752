import type { SignedRequestOptions } from '../testing/index.js'
import { parseDelivery, readBytes } from './capture/read-delivery.js'
import { defineCommand } from './frame/command.js'
import { currentSecrets } from './frame/environment.js'
import type { Terminal } from './frame/terminal.js'
import { httpUrl, seconds, wholeNumber } from './frame/values.js'
import { type Delivered, deliver } from './sending/deliver.js'
import { progressBar } from './sending/progress-bar.js'
import { printSentReport } from './sending/sent-report.js'
import { createTally } from './sending/tally.js'
import { isRight, VARIANTS, variantOf } from './sending/variants.js'
import { keepAliveAgent } from './wire/exchange.js'

const MAX_BODY = 1_048_576

export const sendCommand = defineCommand({
  summary: 'Signs a delivery and sends it, or many.',
  words: ['URL'],
  options: {
    body: {
      value: 'FILE',
      help: 'The body, byte for byte; - for standard input. Default: a small event.',
    },
    delivery: {
      value: 'FILE',
      help: 'Body and id of a captured delivery, such as listen --save writes; signed now.',
    },
    type: { value: 'TYPE', help: 'The event type of the small event. Default test.event.' },
    id: { value: 'ID', help: 'webhook-id. Default: a new one for each delivery.' },
    variant: {
      value: 'NAME',
      help: `${VARIANTS.map(({ name }) => name).join(', ')}. Default signed.`,
    },
    count: { value: 'N', help: 'How many to send. Default 1.' },
    concurrency: { value: 'N', help: 'How many at a time. Default 1, or 10 for a count above 10.' },
    timeout: { value: 'SECONDS', help: 'How long to wait for each answer. Default 15.' },
    json: { help: 'Print the summary as JSON.' },
  },
  notes: [
    'Exit code 0 if every answer is the one that the variant should get, 1 if not, 2 if there was no answer.',
  ],
  async run(values, terminal, [address]) {
    const url = httpUrl('the URL', address)
    const variant = variantOf(values.variant ?? 'signed')
    const count = wholeNumber('count', values.count, { min: 1, max: 1_000_000, byDefault: 1 })
    const limits = { min: 1, max: 1000, byDefault: count > 10 ? 10 : 1 }
    const concurrency = wholeNumber('concurrency', values.concurrency, limits)
    const timeout = seconds('timeout', values.timeout) ?? 15
    const options = await deliveryOptions(values, terminal)
    const agent = keepAliveAgent(url, concurrency)
    const tally = createTally()
    let last: Delivered | undefined
    const show = progressBar(terminal, count)

    async function sendOne(): Promise<void> {
      const made = await variant.make(options)
      for (const request of 'headers' in made ? [made] : made) {
        last = await deliver(request, { url, timeout, agent })
        tally.add(last, isRight(variant, last.status, last.code))
      }
    }
    let started = 0
    async function work(): Promise<void> {
      while (started < count && !terminal.signal.aborted) {
        started++
        await sendOne()
        show(Math.min(tally.sent, count))
      }
    }
    try {
      await Promise.all(Array.from({ length: Math.min(concurrency, count) }, work))
    } finally {
      show(count)
      agent.destroy()
    }
    printSentReport(
      { tally, last, variant, isMany: count > 1, isJson: values.json === true },
      terminal,
    )
    if (tally.failed > 0 || started < count) return 2
    return tally.wrong > 0 ? 1 : 0
  },
})

async function deliveryOptions(
  { body, delivery, type, id }: { body?: string; delivery?: string; type?: string; id?: string },
  terminal: Terminal,
): Promise<SignedRequestOptions> {
  const secret = await currentSecrets(terminal)
  const file = body ?? delivery
  if (file === undefined) return { secret, id, payload: event(type ?? 'test.event') }
  if (body !== undefined && delivery !== undefined) {
    throw new TypeError('give either --body or --delivery')
  }
  if (type !== undefined) {
    throw new TypeError(
      '--type is for the small event that countersign makes: leave it out, and write the type into the body',
    )
  }
  const bytes = await readBytes(file, terminal)
  if (delivery === undefined) return { secret, id, body: fitting(bytes) }
  const captured = await parseDelivery(bytes, terminal)
  const known = captured.headers.find(([name]) => /^(webhook|svix)-id$/i.test(name))?.[1]
  return { secret, id: id ?? known, body: fitting(captured.body) }
}

function fitting<B extends Uint8Array>(body: B): B {
  if (body.length <= MAX_BODY) return body
  throw new TypeError(
    `the body has ${body.length} bytes, and receivers take at most ${MAX_BODY} (1 MiB) by default: send a smaller one, and put large data behind a link`,
  )
}

/** The form that the standard recommends. */
function event(type: string): object {
  return { type, timestamp: new Date().toISOString(), data: {} }
}
