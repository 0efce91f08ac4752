import { describe, expect, it } from '@jest/globals'
import { resolveRotatingOptions } from '../../../src/sources/rotating-options.js'

const fetch = () => ''

describe('options of a rotating secret', () => {
  it('have the documented defaults, in milliseconds', () => {
    expect(resolveRotatingOptions({ fetch })).toMatchObject({
      maxAge: 600_000,
      maxStale: 86_400_000,
      overlap: 300_000,
      lag: 0,
      timeout: 5_000,
      minSecretBytes: 24,
      warm: undefined,
      random: Math.random,
    })
    expect(resolveRotatingOptions({ fetch, maxAge: undefined }).maxAge).toBe(600_000)
  })

  it('are seconds, fractions allowed, and 0 is 0', () => {
    expect(
      resolveRotatingOptions({
        fetch,
        maxAge: 0,
        maxStale: 0.5,
        overlap: 0,
        lag: 1.5,
        timeout: 0.25,
      }),
    ).toMatchObject({ maxAge: 0, maxStale: 500, overlap: 0, lag: 1_500, timeout: 250 })
  })

  it('take a clock that gives a Date, by default that of the platform', () => {
    const before = Date.now()
    const at = resolveRotatingOptions({ fetch }).now()
    expect(at).toBeGreaterThanOrEqual(before)
    expect(at).toBeLessThanOrEqual(Date.now())
    const { now } = resolveRotatingOptions({ fetch, now: () => new Date(1_500) })
    expect(now()).toBe(1_500)
  })

  it.each([
    { fetch: undefined },
    { fetch: 'https://example.com' },
    { maxage: 1 },
    { maxAge: -1 },
    { maxAge: '600' },
    { maxStale: Number.NaN },
    { overlap: Number.POSITIVE_INFINITY },
    { timeout: 0 },
    { onError: 'log' },
    { onRotate: {} },
    { now: 5 },
    { random: 0.5 },
    { setTimeout: null },
    { snapshot: {} },
    { snapshot: { load: () => '' } },
    { snapshot: 'redis://localhost' },
  ])('refuse %p', (wrong) => {
    expect(() => resolveRotatingOptions({ fetch, ...wrong } as never)).toThrow(TypeError)
  })

  it('say what to write', () => {
    expect(() => resolveRotatingOptions({} as never)).toThrow(
      'fetch is missing: rotatingSecret({ fetch: async ({ signal }) => … })',
    )
    const method = () => ''
    for (const snapshot of [{}, { load: method }, { save: method }, { load: method, save: 1 }]) {
      expect(() => resolveRotatingOptions({ fetch, snapshot } as never)).toThrow(
        'snapshot must be an object with load() and save(), such as redisSnapshot(client)',
      )
    }
  })

  it('are required', () => {
    for (const nothing of [undefined, null]) {
      expect(() => resolveRotatingOptions(nothing as never)).toThrow(TypeError)
    }
  })
})
