import { type Case, equal, throwsTypeError } from './check.js'
import type { Library } from './library.js'

const BODY = '{"type":"user.created","name":"Zo\u00eb"}'

export function signingCases(library: Library): readonly Case[] {
  const { createSigner, createVerifier, generateKeyPair, generateSecret } = library
  return [
    {
      name: 'sign: what is signed here verifies here',
      async run() {
        const secret = generateSecret()
        const headers = await createSigner({ secret })(BODY)
        const { payload, scheme } = await createVerifier({ secret })(BODY, headers)
        equal([payload, scheme], [JSON.parse(BODY), 'v1'])
      },
    },
    {
      name: 'sign: v1a, with a pair made here',
      async run() {
        const { secret, publicKey } = await generateKeyPair()
        const headers = await createSigner({ secret })(BODY)
        const verify = createVerifier({ secret: publicKey })
        equal((await verify(BODY, headers)).scheme, 'v1a')
        const forged = await verify.check(`${BODY} `, headers)
        equal(forged.ok || forged.error.code, 'signature_mismatch')
      },
    },
    {
      name: 'sign: a known signature',
      async run() {
        const secret = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'
        const sign = createSigner({ secret })
        const body = '{"email":"test@example.com","username":"test_user"}'
        const headers = await sign(body, {
          id: 'msg_27UH4WbU6Z5A5EzD8u03UvzRbpk',
          timestamp: 1649367553,
        })
        equal(headers['webhook-signature'], 'v1,tZ1I4/hDygAJgO5TYxiSd6Sd0kDW6hPenDe+bTa3Kkw=')
      },
    },
    {
      name: 'sign: a public key cannot sign',
      async run() {
        const { publicKey } = await generateKeyPair()
        await throwsTypeError(() => createSigner({ secret: publicKey })(BODY))
      },
    },
    {
      name: 'sign: several secrets, several signatures, one body of 1 MiB',
      async run() {
        const secrets = [generateSecret(), generateSecret({ bytes: 64, prefix: 'whsec_' })]
        const body = new Uint8Array(1_048_576).fill(0x20)
        body.set([0x31], 0)
        const headers = await createSigner({ secret: secrets })(body)
        equal(headers['webhook-signature'].split(' ').length, 2)
        for (const secret of secrets) {
          equal((await createVerifier({ secret })(body, headers)).payload, 1)
        }
      },
    },
  ]
}
