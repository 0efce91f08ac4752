import { describe, expect, test } from '@jest/globals'
import { verifyRequest, webhookHandler } from '../../adapters/fetch.js'
import { refusal, thrownHere, WebhookError } from '../../src/base/errors.js'
import type { HeadersInput } from '../../src/delivery/types.js'
import { createReceiver } from '../../src/http/index.js'
import { createSigner, generateSecret } from '../../src/sign.js'
import { createVerifier } from '../../src/verify.js'

const FRAME = /\n +at /
const secret = generateSecret()
const body = '{"a":1}'

/** Refused before anything is awaited, and after. */
const REFUSED: [string, () => Promise<HeadersInput>][] = [
  ['without headers', async () => ({})],
  ['forged', async () => createSigner({ secret: generateSecret() })(body)],
]

describe.each(REFUSED)('a delivery that is %s', (_, makeHeaders) => {
  test('rejects verify() with a stack that names the caller', async () => {
    const verify = createVerifier({ secret })
    const headers = await makeHeaders()
    async function theApplication(): Promise<unknown> {
      return await verify(body, headers)
    }
    const error: WebhookError = await theApplication().then(
      () => undefined,
      (thrown) => thrown,
    )
    expect(error.stack).toContain(`${error}\n`)
    expect(error.stack).toContain('theApplication')
  })

  test('rejects verifyRequest() with a stack that names the caller', async () => {
    const headers = Object.entries(await makeHeaders()) as [string, string][]
    const request = new Request('https://localhost/', { method: 'POST', body, headers })
    async function theApplication(): Promise<unknown> {
      return await verifyRequest(request, { secret })
    }
    const error: WebhookError = await theApplication().then(
      () => undefined,
      (thrown) => thrown,
    )
    expect(error.stack).toContain('theApplication')
  })

  test('gives check(), receivers and onReject an error without a stack trace', async () => {
    const headers = await makeHeaders()
    const verdict = await createVerifier({ secret }).check(body, headers)
    const outcome = await createReceiver({ secret })({ headers, readBody: () => body, context: {} })
    const errors: unknown[] = [Object(verdict).error, Object(outcome).error]
    const onReject = (error: WebhookError): undefined => void errors.push(error)
    const request = new Request('https://localhost/', { method: 'POST', body })
    for (const [name, value] of Object.entries(headers)) request.headers.set(name, String(value))
    await webhookHandler({ secret, onReject }, () => {})(request)
    expect(errors).toHaveLength(3)
    for (const error of errors) {
      expect(error).toBeInstanceOf(WebhookError)
      expect((error as WebhookError).stack).toBe(String(error))
    }
  })
})

describe('refusal', () => {
  test('leaves the length of other stack traces alone', () => {
    const { stackTraceLimit } = Error
    refusal('header_missing', 'x')
    expect(Error.stackTraceLimit).toBe(stackTraceLimit)
    expect(new Error('bug').stack).toMatch(FRAME)
  })

  test('works if the application has set the limit to 0, or removed or frozen it', () => {
    const { stackTraceLimit } = Error
    const set = (descriptor: PropertyDescriptor): void => {
      Object.defineProperty(Error, 'stackTraceLimit', { configurable: true, ...descriptor })
    }
    try {
      for (const value of [0, undefined, 7]) {
        set({ value, writable: false })
        expect(refusal('header_missing', 'x').code).toBe('header_missing')
        expect(Error.stackTraceLimit).toBe(value)
      }
    } finally {
      set({ value: stackTraceLimit, writable: true, enumerable: true })
    }
  })
})

describe('thrownHere', () => {
  test('keeps the stack trace of an error that the application made', () => {
    const error = new WebhookError('signature_mismatch', 'unknown tenant')
    const { stack } = error
    expect(stack).toMatch(FRAME)
    expect(thrownHere(error).stack).toBe(stack)
  })

  test('leaves a frozen error as it is', () => {
    const error = Object.freeze(refusal('signature_mismatch', 'x'))
    expect(thrownHere(error)).toBe(error)
  })
})
