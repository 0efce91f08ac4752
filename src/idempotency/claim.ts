import { encodeUtf8 } from '../base/bytes.js'
import { refusal, type WebhookError } from '../base/errors.js'
import { notify } from '../base/notify.js'
import { secondsSince } from '../base/seconds-since.js'
import type { Report } from '../delivery/report.js'
import type { SettledEvent, WebhookClaim } from '../delivery/types.js'
import { withContext } from '../delivery/with-context.js'
import { bodyDigest } from './body-digest.js'
import { assertText, resolveClaimOptions } from './claim-options.js'
import { createLease, type Settle } from './lease.js'
import type { ClaimResult, IdempotencyOptions, IdempotencyStore } from './store.js'

/** A claim that was taken, and how to settle it. */
export interface Claimed {
  readonly claim: WebhookClaim
  /** `undefined` if an earlier receiver has taken the claim and settles it. */
  readonly settle: Settle | undefined
}

/** The parts of a verified delivery that a claim needs. */
export interface Claimable<Context> {
  readonly context: Context
  /** The default scope of its webhook-id. */
  readonly endpoint?: (() => string) | undefined
  /** The bytes that were verified. */
  readonly body?: Uint8Array | undefined
  /** The claim of an earlier receiver. */
  readonly previous?: WebhookClaim | undefined
}

/** Claims a verified delivery; `undefined` if it is done already. Throws `delivery_in_progress` or `store_unavailable`. */
export type Claim<Context> = (
  report: Report,
  delivery: Claimable<Context>,
) => Promise<Claimed | undefined>

/** The options of a receiver that concern claims. */
export interface ClaimRules<Context> {
  /** Seconds. */
  readonly tolerance: number
  readonly onSettled?: ((event: SettledEvent<Context>) => unknown) | undefined
}

/** The claims of running handlers, and their stores. */
const held = new WeakMap<WebhookClaim, IdempotencyStore>()

/** Throws a `TypeError` for an unknown or invalid option. */
export function createClaim<Context>(
  input: IdempotencyStore | IdempotencyOptions<Context>,
  { tolerance, onSettled }: ClaimRules<Context>,
): Claim<Context> {
  const settings = resolveClaimOptions(input, tolerance)
  const { scope, onStoreError, onError } = settings
  if (typeof scope !== 'function') assertText(scope ?? '')

  return async function claim(report, { context, endpoint, body, previous }) {
    const within = typeof scope === 'function' ? scope(context) : (scope ?? endpoint?.() ?? '')
    // `undefined` or a promise would become the same text, and so one scope, for all tenants.
    assertText(within)
    // A webhook-id holds no space, so two different pairs never make the same key.
    const id = String(report.id)
    const attempt = { key: `${await bounded(within)} ${id}`, token: settings.token() }
    if (previous?.key === attempt.key && held.get(previous) === settings.store) {
      return { claim: previous, settle: undefined }
    }
    const begun = performance.now()
    const digest = body && (await bodyDigest(body))
    // The context of an edge runtime has the function that keeps its work alive.
    const waitUntil = (work: Promise<unknown>): void => {
      // A context that refuses the work must not change the verdict.
      notify(() => Object(context).waitUntil?.(work), work)
    }
    const lease = createLease(settings, {
      ...attempt,
      digest,
      waitUntil,
      onEnd(outcome, status) {
        held.delete(attempt)
        const ended = status === undefined ? {} : { status }
        const event = { outcome, id, duration: secondsSince(begun), ...ended }
        notify(onSettled, withContext(event, context))
      },
    })
    let result: ClaimResult = { state: 'claimed' }
    try {
      result = await lease.claim()
    } catch (cause) {
      notify(onError, cause)
      if (onStoreError === 'refuse') {
        // The store may have taken the claim although its answer was lost.
        waitUntil(lease.settle())
        throw storeFailed(cause, onError !== undefined)
      }
      Object.assign(report, { code: 'store_unavailable', cause })
    }
    if (result.state !== 'claimed') return refuseTaken(result, digest, report)
    lease.renew()
    held.set(attempt, settings.store)
    return { claim: attempt, settle: lease.settle }
  }
}

export function storeFailed(cause: unknown, quiet = false): WebhookError {
  return refusal('store_unavailable', STORE_FAILED, { cause, retryAfter: 5, quiet })
}

const STORE_FAILED =
  "the idempotency store failed: check its connection (idempotency.onError gets the error), or set onStoreError: 'process' to handle deliveries without it"

const DIFFERS = ', with another body: the sender used one id twice'

/** Throws `delivery_in_progress`, or returns for a delivery that is done. */
function refuseTaken(
  result: Exclude<ClaimResult, { state: 'claimed' }>,
  digest: string | undefined,
  report: Report,
): undefined {
  const differs = digest && result.digest && digest !== result.digest ? DIFFERS : ''
  if (result.state === 'in_progress') {
    // A custom store may return anything.
    const retryAfter = Math.max(result.retryAfter, 1) || 5
    throw refusal(
      'delivery_in_progress',
      `this delivery is being handled now${differs}; the sender will try again`,
      { retryAfter },
    )
  }
  if (differs) report.detail = `this id has been handled${differs}`
}

const LONGEST = 256

/** A stranger can choose the path, so long keys are shortened before a store keeps them. */
async function bounded(scope: string): Promise<string> {
  if (scope.length <= LONGEST) return scope
  return `${scope.slice(0, 64)}… ${await bodyDigest(encodeUtf8(scope))}`
}
