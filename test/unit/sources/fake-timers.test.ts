import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { createVerifier, rotatingSecret } from 'countersign'
import { generateSecret } from 'countersign/sign'
import { signedRequest } from 'countersign/testing'

beforeEach(() => void jest.useFakeTimers())
afterEach(() => void jest.useRealTimers())

test('under fake timers a secret ages when they are advanced, and the next delivery refreshes it', async () => {
  const [first, second] = [generateSecret(), generateSecret()]
  const fetch = jest.fn(() => (fetch.mock.calls.length > 1 ? second : first))
  const source = rotatingSecret({ fetch, maxAge: 600 })
  const verify = createVerifier({ secret: source })
  const send = async (secret: string): Promise<boolean> => {
    const { body, headers } = await signedRequest({ secret })
    return (await verify.check(body, headers)).ok
  }

  expect(await send(first)).toBe(true)
  expect(fetch).toHaveBeenCalledTimes(1)
  await jest.advanceTimersByTimeAsync(601_000)
  expect(await send(first)).toBe(true)
  await jest.advanceTimersByTimeAsync(0)
  expect(fetch).toHaveBeenCalledTimes(2)
  expect(await send(second)).toBe(true)
  source.close()
})
