import { expect, test } from '@jest/globals'
import { createReceiver } from 'countersign/http'
import { generateSecret } from 'countersign/sign'

const secret = generateSecret()
const create = (options: object) => () => createReceiver(options as never)

test.each<object>([{ headers: new Headers() }, { request: {} }, { req: {} }, { addHook() {} }])(
  'a request in place of the options, such as %p, is named',
  (request) => {
    expect(create(request)).toThrow(
      new TypeError(
        'options must be an object, such as { secret }, not a request: call verifyWebhook({ secret }) or webhookHandler({ secret }, handler), and pass on the result',
      ),
    )
  },
)

test.each<object>([{}, { headers: 'svix' }, { headers: ['x-id', 'x-timestamp', 'x-signature'] }])(
  'options without a secret, such as %p, are no request',
  (options) => {
    expect(create(options)).toThrow(/^the secret is undefined/)
  },
)

test('options with a secret are no request: what else is in them is checked by name', () => {
  expect(create({ secret, request: {} })).toThrow(/unknown option request/)
  expect(create({ secret, headers: {} })).toThrow(/^headers must be/)
})
