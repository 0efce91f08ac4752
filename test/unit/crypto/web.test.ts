import { expect, test } from '@jest/globals'
import * as web from '../../../src/crypto/web.js'
import { describeBackend } from '../../support/crypto-backend.js'
import { ed25519 } from '../../vectors/rfc.js'

describeBackend('web', web)

test('no key can be exported again, so its bytes stay in the runtime', async () => {
  const [seed, publicKey] = ed25519[0]
  const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
  const keys = await Promise.all([
    web.importMacKey(bytes(seed)),
    web.importPublicKey(bytes(publicKey)),
    web.importPrivateKey(bytes(`302e020100300506032b657004220420${seed}`)),
  ])
  expect(keys.map(({ extractable }) => extractable)).toEqual([false, false, false])
})
