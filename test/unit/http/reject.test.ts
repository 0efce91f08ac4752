import { describe, expect, jest, test } from '@jest/globals'
import { type Answer, createNodeReject, createReceiver, createReject } from 'countersign/http'
import { generateSecret } from 'countersign/sign'

const DONE: Answer = { status: 200, headers: {}, body: '', error: undefined }

async function refused(): Promise<Answer> {
  const receive = createReceiver({ secret: generateSecret() })
  const outcome = await receive({ headers: {}, readBody: () => '', context: {} })
  if ('webhook' in outcome) throw new Error('accepted')
  return outcome
}

describe('createReject', () => {
  test('calls onReject with the error and the arguments, and returns its result', async () => {
    const onReject = jest.fn((_error: unknown, _a: number, _b: number) => 'mine')
    const answer = await refused()
    expect(createReject({ onReject })(answer, 1, 2)).toBe('mine')
    expect(onReject).toHaveBeenCalledWith(answer.error, 1, 2)
  })
  test('a delivery that was handled before is no refusal', () => {
    const onReject = jest.fn()
    expect(createReject({ onReject })(DONE)).toBeUndefined()
    expect(onReject).not.toHaveBeenCalled()
  })
  test('returns nothing without onReject', async () => {
    expect(createReject({})(await refused())).toBeUndefined()
  })
})

describe('createNodeReject', () => {
  function response() {
    const sent: unknown[] = []
    return {
      sent,
      statusCode: 200,
      headersSent: false,
      writeHead(...args: unknown[]) {
        this.headersSent = true
        sent.push(...args)
      },
      end: (body: string) => sent.push(body),
    }
  }

  test('sends the answer if onReject sends none', async () => {
    const answer = await refused()
    const reply = response()
    const statuses: number[] = []
    const onReject = (_error: unknown, _request: null, { statusCode }: typeof reply) =>
      statuses.push(statusCode)
    await createNodeReject({ onReject })(answer, null, reply)
    expect(statuses).toEqual([400])
    expect(reply.sent).toEqual([400, answer.headers, answer.body])
  })
  test('waits for the answer of onReject, which is the only one', async () => {
    const reply = response()
    const onReject = async () => {
      await Promise.resolve()
      reply.writeHead(418)
    }
    await createNodeReject({ onReject })(await refused(), null, reply)
    expect(reply.sent).toEqual([418])
  })
  test('a delivery that was handled before is answered without onReject', async () => {
    const reply = response()
    const onReject = jest.fn()
    await createNodeReject({ onReject })(DONE, null, reply)
    expect([reply.sent, onReject.mock.calls]).toEqual([[200, {}, ''], []])
  })
})
