import { runInNewContext } from 'node:vm'
import { describe, expect, test } from '@jest/globals'
import type { HeadersInput, VerifierOptions, WebhookBody } from '../../src/delivery/types.js'
import { createVerifier } from '../../src/verify.js'
import deliveries from '../vectors/deliveries.json' with { type: 'json' }
import { headerShapes, type StoredDelivery, toBody, toSecret } from '../vectors/delivery.js'

const otherRealm = (): Uint8Array => runInNewContext('new Uint8Array(1024)')

async function answerTo(delivery: StoredDelivery): Promise<{ answer: string; payload?: unknown }> {
  const verify = createVerifier({
    ...delivery.options,
    secret: toSecret(delivery.secret) as VerifierOptions['secret'],
    now: () => delivery.now,
  })
  const verdict = await verify.check(
    toBody(delivery.kind, delivery.body, otherRealm) as WebhookBody,
    headerShapes[delivery.shape](delivery.lines) as HeadersInput,
  )
  if (!verdict.ok) return { answer: verdict.error.code }
  return { answer: 'accepted', payload: verdict.webhook.payload }
}

// The answers are the contract's, made without our code: see make-deliveries.ts.
describe('deliveries with a known answer', () => {
  test.each((deliveries as unknown as StoredDelivery[]).map((one) => [one.name, one] as const))(
    '%s',
    async (_, delivery) => {
      if (delivery.answer === 'TypeError') {
        await expect(answerTo(delivery)).rejects.toThrow(TypeError)
        return
      }
      const { answer, payload } = await answerTo(delivery)
      expect(answer).toBe(delivery.answer)
      if ('payload' in delivery) expect(payload).toEqual(delivery.payload)
    },
  )
})
