import { createSigner } from '../../src/sign.js'
import type { FakeAccount } from '../../src/testing/index.js'
import { type Case, equal, isTrue } from '../conformance/check.js'
import { bodyCases } from './bodies-over-http.js'
import { BODY, createSender, STATIC } from './sender.js'

const FORGED = 'wh_BwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyAhIiMkJSY='

/** Deliveries sent to a server that really runs on the runtime. */
export function overHttpCases(
  baseUrl: string,
  account: FakeAccount,
  secret: string,
): readonly Case[] {
  const sender = createSender(baseUrl)
  const { deliver, answer } = sender
  return [
    {
      name: 'http: a secret from the bindings, the body read again behind it',
      async run() {
        const response = await deliver('/bindings', secret, {
          headers: { 'webhook-id': 'unsigned' },
        })
        equal([response.status, (await response.json()).code], [401, 'signature_mismatch'])
        const { payload } = await (await deliver('/bindings', secret)).json()
        equal(payload, JSON.parse(BODY))
      },
    },
    {
      name: 'http: a handler made while the module loads',
      async run() {
        equal(await answer('/static', STATIC), [204])
        equal(await answer('/static', FORGED), [401, 'signature_mismatch'])
      },
    },
    {
      name: 'http: first deliveries side by side share one source',
      async run() {
        const answers = await Promise.all(
          Array.from({ length: 20 }, () => answer('/account', account.secret)),
        )
        equal(answers, Array(20).fill([204]))
      },
    },
    {
      name: 'http: a rotation under load: every authentic delivery is accepted or asked to come again',
      async run() {
        const old = account.secret
        await answer('/account', old)
        account.rotate()
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, i) => answer('/account', i % 2 ? old : account.secret)),
        )
        equal(
          answers.filter(([status]) => status !== 204 && status !== 503),
          [],
        )
        equal(await answer('/account', account.secret), [204])
        equal(await answer('/account', old), [204])
      },
    },
    {
      name: 'http: a forgery against the account’s secret is never accepted',
      async run() {
        const answers = await Promise.all(
          Array.from({ length: 20 }, () => answer('/account', FORGED)),
        )
        equal(
          answers.filter(([status]) => status !== 401 && status !== 503),
          [],
        )
        equal(await answer('/account', account.secret), [204])
      },
    },
    {
      name: 'http: a refresh behind the answer is carried through',
      async run() {
        const old = account.secret
        equal(await answer('/behind', old), [204])
        account.rotate()
        equal(await answer('/behind', old), [204])
        for (let tries = 0; tries < 200; tries++) {
          const { previous } = await (await fetch(`${baseUrl}/behind`)).json()
          if (previous.length > 0) break
          await new Promise((resolve) => setTimeout(resolve, 25))
        }
        equal(await answer('/behind', account.secret), [204])
        equal(await answer('/behind', old), [204])
      },
    },
    {
      name: 'http: OpenTelemetry counts each delivery once, by outcome and code',
      async run() {
        equal(await answer('/observed', secret), [204])
        equal(await answer('/observed', secret), [204])
        equal(await answer('/observed', FORGED), [401, 'signature_mismatch'])
        equal(await (await fetch(`${baseUrl}/observed`)).json(), {
          'countersign.deliveries accepted': 2,
          'countersign.deliveries refused signature_mismatch': 1,
        })
      },
    },
    {
      name: 'http: handled once',
      async run() {
        const once = async (id: string, path = '/once') => {
          const signed = await createSigner({ secret })(BODY, { id })
          const init = { method: 'POST', body: BODY, headers: signed }
          const response = await fetch(baseUrl + path, init)
          const text = await response.text()
          return `${response.status} ${text.startsWith('{') ? JSON.parse(text).code : text}`
        }
        const answers = await Promise.all([once('msg_1'), once('msg_1')])
        equal(answers.sort(), ['200 handled', '503 delivery_in_progress'])
        equal(await once('msg_1'), '200 ')
        equal(await once('msg_2', '/once?fail=1'), '500 handled')
        equal(await once('msg_2'), '200 handled')
        const signal = AbortSignal.timeout(30)
        const headers = await createSigner({ secret })(BODY, { id: 'msg_3' })
        const init = { method: 'POST', body: BODY, headers, signal }
        await fetch(`${baseUrl}/once`, init).catch(() => {})
        await new Promise((resolve) => setTimeout(resolve, 300))
        // Handled again, or done if the runtime did not report that the sender was gone; never left in progress.
        isTrue(['200 handled', '200 '].includes(await once('msg_3')), 'it was left in progress')
      },
    },
    ...bodyCases(sender, secret),
  ]
}
