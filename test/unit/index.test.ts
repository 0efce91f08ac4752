import { expect, test } from '@jest/globals'
import * as countersign from '../../src/index.js'

test('the main entry exports what the documentation names', () => {
  expect(Object.keys(countersign)).toEqual(
    expect.arrayContaining([
      'WebhookError',
      'createVerifier',
      'isWebhookError',
      'keyIdOf',
      'memoryStore',
      'rotatingSecret',
    ]),
  )
  for (const value of Object.values(countersign)) expect(typeof value).toBe('function')
})
