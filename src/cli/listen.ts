import { printable } from '../base/printable.js'
import { defineCommand } from './frame/command.js'
import { secretsIn } from './frame/environment.js'
import { httpUrl, seconds, wholeNumber } from './frame/values.js'
import { createListener } from './listener/listener.js'
import { PAGE_PATH } from './listener/page-api.js'
import { pageFile } from './listener/page-file.js'
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
    const onNote = (text: string): void => terminal.printError(`countersign: ${printable(text)}`)
    const secrets = await listenerSecrets(terminal, onNote)
    const save = values.save === undefined ? undefined : await createSave(values.save)
    const page = pageFile(await terminal.page())
    const previous = secretsIn(terminal, 'COUNTERSIGN_PREVIOUS_SECRET')
    const isJson = values.json === true
    const listener = createListener(
      { secrets, previous, target, timeout, save, page, isJson, onNote },
      terminal,
    )
    const origin = await listener.start(port)
    const print = isJson ? terminal.printError : terminal.print
    for (const line of banner(origin, target?.url, secrets.lines)) print(line)
    if (values.open) terminal.open(`${origin}${PAGE_PATH}`)
    await listener.ended()
    secrets.close()
    return 0
  },
})

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
