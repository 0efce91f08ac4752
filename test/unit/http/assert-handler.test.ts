import { expect, test } from '@jest/globals'
import { assertHandler } from 'countersign/http'

test.each([undefined, null, {}, 'handler'])('%p is no handler, and the message shows one', (it) => {
  expect(() => assertHandler(it, '(request, webhook) => …')).toThrow(
    new TypeError('handler must be a function: webhookHandler(options, (request, webhook) => …)'),
  )
})

test('a function is one', () => {
  expect(() => assertHandler(() => {}, '')).not.toThrow()
})
