// A server without the browser's types: `lib` has no "dom", and Node's types bring Request and Headers.
import { createServer, type IncomingMessage } from 'node:http'
import { createVerifier } from 'countersign'
import { accountSecret } from 'countersign/account'
import { webhookHandler as fetchHandler } from 'countersign/fetch'
import { readNodeBody } from 'countersign/http'
import { verifyWebhook, webhookHandler } from 'countersign/node'
import { signedRequest } from 'countersign/testing'

const secret = accountSecret({ token: 't' })
export const server = createServer(webhookHandler({ secret }, (_req, res) => void res.end()))
export const handle: (request: Request) => Promise<Response> = fetchHandler({ secret }, () => {})
export const verify = async (request: IncomingMessage): Promise<string> =>
  (await verifyWebhook({ secret })(request)).id
export const read = (request: IncomingMessage): unknown => readNodeBody(request, 1024)
export const check = async (): Promise<boolean> => {
  const { body, headers } = await signedRequest({ secret: 'wh_' })
  return (await createVerifier({ secret })(Buffer.from(body), headers)).body.length > 0
}
