import { createSigner } from '../sign.js'
import { readBytes } from './capture/read-delivery.js'
import { defineCommand } from './frame/command.js'
import { currentSecrets } from './frame/environment.js'
import { wholeNumber } from './frame/values.js'

export const signCommand = defineCommand({
  summary: 'Signs a body and prints the three headers.',
  options: {
    body: { value: 'FILE', help: 'The body, byte for byte; - for standard input.' },
    id: { value: 'ID', help: 'webhook-id. Default: a new one.' },
    timestamp: { value: 'SECONDS', help: 'webhook-timestamp. Default: now.' },
    json: { help: 'Print the headers as a JSON object.' },
  },
  async run({ body, id, timestamp, json }, terminal) {
    if (body === undefined) throw new TypeError('--body FILE is needed (- for standard input)')
    const limits = { min: 0, max: 99_999_999_999, byDefault: 0 }
    const signedAt = timestamp && wholeNumber('timestamp', timestamp, limits)
    const sign = createSigner({ secret: await currentSecrets(terminal) })
    const options = { id, timestamp: typeof signedAt === 'number' ? signedAt : undefined }
    const headers = await sign(await readBytes(body, terminal), options)
    if (json) terminal.print(JSON.stringify(headers))
    else for (const [name, value] of Object.entries(headers)) terminal.print(`${name}: ${value}`)
    return 0
  },
})
