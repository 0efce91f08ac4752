import { expect, jest, test } from '@jest/globals'
import { answerKeys } from '../../../src/sources/answer-keys.js'
import { OTHER_KEY, SECRET } from '../../support/signing.js'

const SHORT = 'wh_asdf1234'

test.each([
  ['one secret', SECRET, 1],
  ['bytes', new Uint8Array(OTHER_KEY), 1],
  ['a list', [SECRET, new Uint8Array(OTHER_KEY)], 2],
])('%s: each usable secret is a key', async (_, answer, count) => {
  const onSkip = jest.fn()
  expect(await answerKeys(answer, 24, onSkip)).toHaveLength(count)
  expect(onSkip).not.toHaveBeenCalled()
})

test('the least length of a secret is the caller’s', async () => {
  const onSkip = jest.fn()
  expect(await answerKeys(SHORT, 6, onSkip)).toMatchObject([{ text: SHORT }])
  await expect(answerKeys(SECRET, 33, onSkip)).rejects.toMatchObject({
    reason: 'secret_invalid',
    message: expect.stringContaining('33 are required'),
  })
})

test('no secret at all is an error of its own', async () => {
  await expect(answerKeys([], 24, jest.fn())).rejects.toMatchObject({
    reason: 'secret_missing',
    message: expect.stringContaining('holds no secret: issue a new key'),
  })
})

test('unusable secrets among usable ones are skipped, and the first of them is reported', async () => {
  const onSkip = jest.fn()
  const keys = await answerKeys([SHORT, SECRET, 'wh_?'], 24, onSkip)
  expect(keys).toHaveLength(1)
  expect(onSkip.mock.calls).toEqual([
    [
      expect.objectContaining({
        reason: 'secret_invalid',
        message: expect.stringMatching(/^2 of 3 secrets .* the secret has 6 key bytes/),
        cause: expect.any(TypeError),
      }),
    ],
  ])
})

test('only unusable secrets are an error with the first one as its cause, and nothing is reported', async () => {
  const onSkip = jest.fn()
  await expect(answerKeys(['wh_?', SHORT], 24, onSkip)).rejects.toMatchObject({
    reason: 'secret_invalid',
    message: expect.stringMatching(/^2 of 2 secrets .* not base64/),
    cause: { message: expect.stringContaining('not base64') },
  })
  expect(onSkip).not.toHaveBeenCalled()
})
