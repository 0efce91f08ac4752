import { EventEmitter } from 'node:events'
import { describe, expect, test } from '@jest/globals'
import { sendAnswer, settleWhenSent } from '../../../src/http/node-answer.js'
import { rawServer } from '../../support/raw-server.js'

test('status, headers and body are sent as they are, beside what was set before', async () => {
  const { url, close } = await rawServer((_request, response) => {
    response.setHeader('x-frame-options', 'DENY')
    response.setHeader('content-type', 'text/html')
    const headers = { 'content-type': 'application/problem+json', 'retry-after': '5' }
    sendAnswer(response, { status: 503, headers, body: '{"code":"secret_unavailable"}' })
  })
  const response = await fetch(url)
  expect(response.status).toBe(503)
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  expect(response.headers.get('retry-after')).toBe('5')
  expect(response.headers.get('x-frame-options')).toBe('DENY')
  expect(await response.text()).toBe('{"code":"secret_unavailable"}')
  await close()
})

class Response extends EventEmitter {
  statusCode = 200
  destroyed = false
  end(): void {}
}

/** What a claim is settled with (`'held'` if the sender hung up), and whether the handler may run. */
function settling(response: Response) {
  const settled: unknown[] = []
  const settle = async (status?: number) => void settled.push(status)
  const hungUp = (): void => void settled.push('held')
  const mayRun = settleWhenSent(response, Object.assign(settle, { hungUp }))
  return { settled, mayRun }
}

test('a response that was sent settles by its status at that time', () => {
  const response = new Response()
  const { settled, mayRun } = settling(response)
  expect(mayRun).toBe(true)
  expect(settled).toEqual([])
  response.statusCode = 204
  response.emit('finish')
  expect(settled[0]).toBe(204)
})

test('a response that has finished has answered, whether or not it says that it has ended', () => {
  for (const writableEnded of [false, undefined, true]) {
    const { settled, finish } = finishing({ writableEnded })
    finish()
    expect(settled[0]).toBe(200)
  }
})

function finishing(properties: object) {
  const response = Object.assign(new Response(), properties)
  return { response, finish: () => response.emit('finish'), ...settling(response) }
}

test('a connection that dies first: held until the handler ends its answer all the same', () => {
  const response = new Response()
  const { settled } = settling(response)
  response.emit('close')
  expect(settled).toEqual(['held'])
  response.statusCode = 204
  response.end()
  expect(settled).toEqual(['held', 204])
})

test('end() still reaches the response with its arguments, and returns what it returns', () => {
  const ended: unknown[] = []
  const end = function (this: unknown, ...args: unknown[]): unknown {
    ended.push(this, args)
    return 'ended'
  }
  const response = Object.assign(new Response(), { end })
  settling(response)
  response.emit('close')
  const wrapped = Object.create(response)
  expect(wrapped.end('text', 'utf8')).toBe('ended')
  expect(ended).toEqual([wrapped, ['text', 'utf8']])
  expect(ended[0]).toBe(wrapped)
})

test('a connection that dies after the handler has ended its answer settles by its status', () => {
  const response = Object.assign(new Response(), { writableEnded: true })
  const { settled } = settling(response)
  response.emit('close')
  expect(settled).toEqual([200])
})

test('the handler does not run if the connection is already closed', () => {
  const response = Object.assign(new Response(), { destroyed: true })
  const { settled, mayRun } = settling(response)
  expect(mayRun).toBe(false)
  expect(settled).toEqual([undefined])
})

test.each([
  ['before the handler has answered', false, 'held'],
  ['in the middle of the answer that the handler has ended', true, 200],
])('HTTP/2: a stream that is reset %s', (_when, writableEnded, status) => {
  const response = Object.assign(new Response(), { writableEnded, stream: { rstCode: 8 } })
  const { settled } = settling(response)
  response.emit('finish')
  expect(settled).toEqual([status])
})

test('HTTP/2: the handler does not run if the stream is already closed', () => {
  const response = Object.assign(new Response(), { stream: { destroyed: true } })
  const { settled, mayRun } = settling(response)
  expect(mayRun).toBe(false)
  expect(settled).toEqual([undefined])
})

test('without a claim there is nothing to settle', () => {
  const response = new Response()
  expect(settleWhenSent(response, undefined)).toBe(true)
  expect(response.eventNames()).toEqual([])
})

describe('a response that waits for its turn', () => {
  const waiting = () => {
    const socket = new EventEmitter()
    const response = Object.assign(new Response(), { socket: null, req: { socket } })
    return { socket, response, ...settling(response) }
  }
  test('is held if its connection closes, until the handler ends its answer', () => {
    const { socket, response, settled } = waiting()
    socket.emit('close')
    expect(settled).toEqual(['held'])
    response.end()
    expect(settled).toEqual(['held', 200])
  })
  test('settles when the handler ends its answer, although it is not sent yet', () => {
    const { response, settled } = waiting()
    response.statusCode = 204
    response.end()
    expect(settled).toEqual([204])
  })
  test('settles by its status if the handler has ended its answer when the connection closes', () => {
    const { socket, response, settled } = waiting()
    Object.assign(response, { writableEnded: true })
    socket.emit('close')
    expect(settled).toEqual([200])
  })
  test('leaves nothing on the connection once it was sent', () => {
    const { socket, response, settled } = waiting()
    expect(socket.eventNames()).toEqual(['close'])
    response.emit('finish')
    expect(socket.eventNames()).toEqual([])
    expect(settled).toEqual([200])
  })
  test('has no handler if its connection is already closed', () => {
    const req = { socket: { destroyed: true } }
    const { settled, mayRun } = settling(Object.assign(new Response(), { socket: null, req }))
    expect(mayRun).toBe(false)
    expect(settled).toEqual([undefined])
  })
  test.each([{}, { req: {} }, { req: { socket: null } }, { req: { socket: {} } }])(
    'in a mock with %j, its own events settle',
    (extra) => {
      const response = Object.assign(new Response(), { socket: null, ...extra })
      const { settled, mayRun } = settling(response)
      expect(mayRun).toBe(true)
      response.emit('finish')
      expect(settled).toEqual([200])
    },
  )
})

test('a response that has its connection adds nothing to it', () => {
  const socket = new EventEmitter()
  settling(Object.assign(new Response(), { socket, req: { socket } }))
  expect(socket.eventNames()).toEqual([])
})
