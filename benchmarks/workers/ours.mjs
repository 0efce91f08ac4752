// The Worker that pieces/coldstart.mjs starts. It verifies a delivery and parses its payload.
import { webhookHandler } from 'countersign/fetch'
import { SECRET } from '../secrets.mjs'

export default { fetch: webhookHandler({ secret: SECRET }, () => undefined) }
