import { createPrivateKey, sign } from 'node:crypto'
import { importKey } from '../../src/delivery/import-key.js'
import { parseSecret } from '../../src/delivery/secrets.js'
import type { VerificationKey } from '../../src/delivery/types.js'
import { KEY, signByHand } from './signing.js'

export const BODY = Buffer.from('{"a":1}')
export const PREFIX = 'msg_1.1700000000.'
export const RIGHT = signByHand()
export const WRONG = signByHand({ body: 'other' })

export const privateKey = createPrivateKey({
  key: Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 5)]),
  format: 'der',
  type: 'pkcs8',
})
export const RIGHT_A = `v1a,${sign(null, Buffer.concat([Buffer.from(PREFIX), BODY]), privateKey).toString('base64')}`

export const hmacKey = async (key: Uint8Array = KEY): Promise<VerificationKey> =>
  importKey(parseSecret(key))
