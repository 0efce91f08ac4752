import type { HeadersInput, VerifierOptions, WebhookBody } from '../../src/delivery/types.js'
import deliveries from '../vectors/deliveries.json' with { type: 'json' }
import { headerShapes, type StoredDelivery, toBody, toSecret } from '../vectors/delivery.js'
import { type Case, equal, throwsTypeError } from './check.js'
import type { Library } from './library.js'

/** Deliveries whose right answer is known, made without our code. */
export function deliveryCases(library: Library): readonly Case[] {
  return (deliveries as unknown as StoredDelivery[]).map((delivery) => ({
    name: `delivery: ${delivery.name}`,
    run: () => runDelivery(library, delivery),
  }))
}

async function runDelivery(library: Library, delivery: StoredDelivery): Promise<void> {
  if (delivery.answer === 'TypeError') return throwsTypeError(() => answerTo(library, delivery))
  const { answer, payload } = await answerTo(library, delivery)
  equal(answer, delivery.answer)
  if ('payload' in delivery) equal(payload, delivery.payload)
}

async function answerTo(
  { createVerifier }: Library,
  delivery: StoredDelivery,
): Promise<{ answer: string; payload?: unknown }> {
  const verify = createVerifier({
    ...delivery.options,
    secret: toSecret(delivery.secret) as VerifierOptions['secret'],
    now: () => delivery.now,
  })
  const verdict = await verify.check(
    // Another realm is a test runner's matter; here it is the runtime's own bytes.
    toBody(delivery.kind, delivery.body, () => new Uint8Array(1024)) as WebhookBody,
    headerShapes[delivery.shape](delivery.lines) as HeadersInput,
  )
  if (!verdict.ok) return { answer: verdict.error.code }
  return { answer: 'accepted', payload: verdict.webhook.payload }
}
