// An account, a sender and a receiver in virtual time.
import {
  createVerifier,
  type RefreshError,
  type RotatingSecret,
  type RotatingSecretOptions,
  type RotationEvent,
  rotatingSecret,
  type SecretContext,
} from 'countersign'
import { createSigner, generateSecret } from 'countersign/sign'
import { createVirtualTime, type VirtualTime } from './virtual-time.js'

/** Answers one call. The default answers at once with the secret. */
export type Behaviour = (signal: AbortSignal) => unknown

export interface World {
  readonly time: VirtualTime
  /** The account's secret now. */
  secret: string
  /** What the account does with calls from now on. */
  behaviour: Behaviour
  /** When each call arrived, in seconds since the start. */
  readonly calls: readonly number[]
  readonly errors: RefreshError[]
  readonly rotations: RotationEvent[]
  readonly source: RotatingSecret
  /** A new secret in the account; returns it. */
  rotate(): string
  /** `accepted` or the code of the refusal, for a delivery signed with this secret this many seconds ago. */
  deliver(secret?: string, options?: DeliverOptions): Promise<string>
  /** The same with a key that nobody ever had. */
  forge(options?: DeliverOptions): Promise<string>
}

export interface DeliverOptions {
  readonly age?: number
  readonly context?: SecretContext
}

export const body = '{"type":"test.event"}'

export function createWorld(
  options: Partial<RotatingSecretOptions> = {},
  create: (options: RotatingSecretOptions) => RotatingSecret = rotatingSecret,
): World {
  const time = createVirtualTime()
  const start = time.now()
  const calls: number[] = []
  const errors: RefreshError[] = []
  const rotations: RotationEvent[] = []
  const world = {
    time,
    secret: generateSecret(),
    behaviour: (): unknown => world.secret,
    calls,
    errors,
    rotations,
    rotate: () => (world.secret = generateSecret()),
    deliver,
    forge: (options?: DeliverOptions) => deliver(generateSecret(), options),
  } as Omit<World, 'source'> as World
  const source = create({
    fetch: ({ signal }) => {
      calls.push((time.now() - start) / 1000)
      return world.behaviour(signal) as string
    },
    now: time.now,
    setTimeout: time.setTimeout,
    clearTimeout: time.clearTimeout,
    random: () => 1 - Number.EPSILON,
    onError: (error) => errors.push(error),
    onRotate: (event) => rotations.push(event),
    ...options,
  })
  const verify = createVerifier({ secret: source, now: time.now, warn: false })

  async function deliver(
    secret = world.secret,
    { age = 0, context }: DeliverOptions = {},
  ): Promise<string> {
    const timestamp = Math.floor(time.now() / 1000 - age)
    const headers = await createSigner({ secret })(body, { timestamp })
    const verdict = await verify.check(body, headers, context)
    return verdict.ok ? 'accepted' : verdict.error.code
  }
  return Object.assign(world, { source })
}

/** A world whose source read the account more than a second ago. */
export async function knowing(...options: Parameters<typeof createWorld>): Promise<World> {
  const world = createWorld(...options)
  await world.time.pass(2)
  return world
}

/** Answers after so many seconds with what the account holds at the start, or at the end, of that time. */
export function slowly(
  world: World,
  seconds: number,
  { readsAt = 'start' }: { readsAt?: 'start' | 'end' } = {},
): Behaviour {
  return () => {
    const early = world.secret
    return new Promise((resolve) =>
      world.time.setTimeout(
        () => resolve(readsAt === 'start' ? early : world.secret),
        seconds * 1000,
      ),
    )
  }
}

/** Never answers, and ends only when it is aborted. */
export function hang(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
}

/** Never answers and takes no notice of anything. */
export function hangForEver(): Promise<never> {
  return new Promise(() => {})
}

/** Fails as an HTTP client would that carries the status. */
export function answer(status: number, retryAfter?: number): Behaviour {
  return () => {
    throw Object.assign(new Error(`status ${status}`), { status, retryAfter })
  }
}
