import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { printable } from '../base/printable.js'
import { defineCommand } from './frame/command.js'
import { secretsIn } from './frame/environment.js'
import type { Terminal } from './frame/terminal.js'
import { httpUrl, seconds, wholeNumber } from './frame/values.js'
import { bind } from './listener/bind.js'
import { createEventStream } from './listener/event-stream.js'
import { createExplainer, type Explainer } from './listener/explainer.js'
import { createHistory, type Kept } from './listener/history.js'
import { createPageApi, PAGE_PATH } from './listener/page-api.js'
import { pageFile } from './listener/page-file.js'
import { printDelivery } from './listener/print-delivery.js'
import { createReceive } from './listener/receive.js'
import { canSign, createResend } from './listener/resend.js'
import { createSave } from './listener/save.js'
import { listenerSecrets } from './listener/secrets.js'
import { placeOf } from './wire/failure.js'

export const listenCommand = defineCommand({
  summary: 'Receives deliveries, verifies each, shows them here and on a live page.',
  options: {
    port: { value: 'N', help: 'The port on loopback. Default 4100; 0 takes a free one.' },
    'forward-to': {
      value: 'URL',
      help: 'Hand each delivery on to this application, and its answer back.',
    },
    save: { value: 'DIR', help: 'Write a capture file per delivery into this folder.' },
    timeout: { value: 'SECONDS', help: 'How long the application may take. Default 15.' },
    open: { help: 'Open the live page in the browser.' },
    json: { help: 'Print one JSON object per delivery and line.' },
  },
  notes: [
    "Any path, POST or PUT. Verified with the account's secret (COUNTERSIGN_ACCOUNT_TOKEN), COUNTERSIGN_SECRET, or a new one that is printed.",
    'Refused deliveries are forwarded, too: the application has to refuse them itself. Without a path in URL each delivery keeps its own.',
  ],
  async run(values, terminal) {
    const port = wholeNumber('port', values.port, { min: 0, max: 65_535, byDefault: 4100 })
    const timeout = seconds('timeout', values.timeout) ?? 15
    const address = values['forward-to']
    const target =
      address === undefined ? undefined : { url: httpUrl('--forward-to', address), timeout }
    const note = (text: string): void => terminal.printError(`countersign: ${printable(text)}`)
    const secrets = await listenerSecrets(terminal, note)
    const save = values.save === undefined ? undefined : await createSave(values.save)
    const page = pageFile(await terminal.page())

    const history = createHistory()
    const previous = secretsIn(terminal, 'COUNTERSIGN_PREVIOUS_SECRET')
    const explainer = createExplainer({ secrets: secrets.current, previous })
    let origin = ''
    const resend = createResend({
      secrets: secrets.current,
      origin: () => origin,
      timeout: timeout + 5,
    })
    const show = createShow(terminal, explainer, values.json === true)
    const receive = createReceive({
      secret: secrets.secret,
      target,
      save,
      onVerdict: history.add,
      onAnswered(kept) {
        history.changed(kept)
        show(kept)
      },
      onNote: note,
      repeats: resend.repeats,
    })
    const answerPage = createPageApi({
      history,
      page,
      stream: createEventStream({ history, run: randomUUID(), signal: terminal.signal }),
      explainer,
      resend,
      canSign: async () => canSign(await secrets.current()),
    })
    const server = createServer((request, response) => {
      route(request, response, { receive, answerPage }).catch((error) => {
        note(Object(error).message)
        response.destroy()
      })
    })
    origin = `http://127.0.0.1:${await bind(server, port)}`
    const print = values.json ? terminal.printError : terminal.print
    for (const line of banner(origin, target?.url, secrets.lines)) print(line)
    if (values.open) terminal.open(`${origin}${PAGE_PATH}`)
    await closed(server, terminal.signal)
    secrets.close()
    return 0
  },
})

type Handle = (request: IncomingMessage, response: ServerResponse) => Promise<void>

async function route(
  request: IncomingMessage,
  response: ServerResponse,
  { receive, answerPage }: { receive: Handle; answerPage: Handle },
): Promise<void> {
  const { method, url = '' } = request
  if (/^\/_countersign(?:[/?]|$)/.test(url)) return answerPage(request, response)
  if (method === 'POST' || method === 'PUT') return receive(request, response)
  request.resume()
  response.writeHead(405, { allow: 'POST, PUT', 'content-type': 'text/plain' })
  response.end(`countersign receives deliveries by POST and PUT; the live page is ${PAGE_PATH}\n`)
}

/** Prints deliveries in the order in which they were answered, the finding of a refused one below it. */
function createShow(
  terminal: Terminal,
  explainer: Explainer,
  isJson: boolean,
): (kept: Kept) => void {
  let last: Promise<void> | undefined
  async function print(kept: Kept, before: Promise<void> | undefined): Promise<void> {
    const { listed, hasBody } = kept
    const isExplained = listed.verdict === 'refused' && hasBody
    const findings = isExplained ? await explainer.soon(kept) : undefined
    await before
    const [finding] = findings ?? []
    const line = isJson
      ? printable(JSON.stringify({ ...listed, finding }))
      : printDelivery(listed, finding, terminal)
    terminal.print(line)
  }
  return (kept) => {
    const printed = print(kept, last).finally(() => {
      if (last === printed) last = undefined
    })
    last = printed
  }
}

function banner(origin: string, target: URL | undefined, lines: readonly string[]): string[] {
  return [
    `Listening   ${origin} (any path)`,
    ...lines,
    ...(target ? [`Forwards    to ${printable(placeOf(target))}`] : []),
    `Live page   ${origin}${PAGE_PATH}`,
    `Send one    npx countersign send ${origin}/webhooks`,
    'Ctrl-C ends it.',
    '',
  ]
}

/** Milliseconds that answers in progress get at the end. */
const GRACE = 2000

function closed(server: Server, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    function close(): void {
      server.close(() => resolve())
      server.closeIdleConnections()
      setTimeout(() => server.closeAllConnections(), GRACE).unref()
    }
    if (signal.aborted) close()
    else signal.addEventListener('abort', close, { once: true })
  })
}
