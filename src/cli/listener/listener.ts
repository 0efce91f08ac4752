import { randomUUID } from 'node:crypto'
import { createServer } from 'node:http'
import type { Terminal } from '../frame/terminal.js'
import { bind } from './bind.js'
import { closed } from './closed.js'
import { createEventStream } from './event-stream.js'
import { createExplainer } from './explainer.js'
import type { ForwardTarget } from './forward.js'
import { createHistory } from './history.js'
import { createPageApi } from './page-api.js'
import type { PageFile } from './page-file.js'
import { createReceive } from './receive.js'
import { canSign, createResend } from './resend.js'
import { route } from './route.js'
import type { Save } from './save.js'
import type { ListenerSecrets } from './secrets.js'
import { createShow } from './show.js'

export interface ListenerOptions {
  readonly secrets: ListenerSecrets
  /** Secrets that were valid before, for diagnosis. */
  readonly previous: readonly string[]
  readonly target: ForwardTarget | undefined
  /** Seconds that the application may take. */
  readonly timeout: number
  readonly save: Save | undefined
  readonly page: PageFile
  readonly isJson: boolean
  readonly onNote: (text: string) => void
}

export interface Listener {
  /** Binds to loopback. Resolves to the address. */
  start(port: number): Promise<string>
  /** Resolves when the terminal's signal has ended the listener. */
  ended(): Promise<void>
}

/** Connects the parts of `listen`: deliveries are received, kept, shown and explained, and the page shows what is kept. */
export function createListener(options: ListenerOptions, terminal: Terminal): Listener {
  const { secrets, previous, target, timeout, save, page, isJson, onNote } = options
  let origin = ''
  const history = createHistory()
  const explainer = createExplainer({ secrets: secrets.current, previous })
  const resend = createResend({
    secrets: secrets.current,
    origin: () => origin,
    timeout: timeout + 5,
  })
  const show = createShow(terminal, explainer, isJson)
  const receive = createReceive({
    secret: secrets.secret,
    target,
    save,
    onVerdict: history.add,
    onAnswered(kept) {
      history.changed(kept)
      show(kept)
    },
    onNote,
    repeats: resend.repeats,
  })
  const stream = createEventStream({ history, run: randomUUID(), signal: terminal.signal })
  const answerPage = createPageApi({
    history,
    page,
    stream,
    explainer,
    resend,
    canSign: async () => canSign(await secrets.current()),
  })
  const server = createServer((request, response) => {
    route(request, response, { receive, answerPage }).catch((error) => {
      onNote(Object(error).message)
      response.destroy()
    })
  })

  return {
    async start(port) {
      origin = `http://127.0.0.1:${await bind(server, port)}`
      return origin
    },
    ended: () => closed(server, terminal.signal),
  }
}
