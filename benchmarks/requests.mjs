// A load generator for a fixed number of requests: raw sockets, each with one request under way, so that most of the machine is the server's.
import { createConnection } from 'node:net'
import { jsonBody, SECRET, signature, signedHeaders, WRONG_SECRETS } from './delivery.mjs'

export const CONNECTIONS = 50

/** What is sent, as options of `signedHeaders`. All but the first are refused. */
const kinds = {
  authentic: () => ({}),
  forged: (body) => {
    const timestamp = String(Math.floor(Date.now() / 1000))
    const id = 'msg_2KWPBgLlAfxdpx2AI54pPJ85f4W'
    return { id, timestamp, signature: signature(WRONG_SECRETS[0], id, timestamp, body) }
  },
  stale: () => ({ timestamp: String(Math.floor(Date.now() / 1000) - 3600) }),
  malformed: () => ({ timestamp: 'yesterday' }),
}

/** The bytes of one HTTP request. */
export function requestBytes(kind, body = jsonBody(1024)) {
  const headers = signedHeaders(body, kinds[kind](body, SECRET))
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  return Buffer.concat([Buffer.from(`POST /webhooks HTTP/1.1\r\n${lines.join('')}\r\n`), body])
}

/** A kept-alive connection: `exchange` sends the request and calls back with the status of the answer. */
export function connect(port) {
  const socket = createConnection({ port, host: '127.0.0.1', noDelay: true })
  let received = ''
  let answered
  socket.setEncoding('latin1')
  socket.on('data', (chunk) => {
    received += chunk
    if (!isComplete(received)) return
    const status = Number(received.slice(9, 12))
    received = ''
    answered(status)
  })
  socket.on('close', () => answered?.(0))
  socket.on('error', () => {})
  return {
    exchange(request, callback) {
      answered = callback
      socket.write(request)
    },
    close: () => socket.destroy(),
  }
}

function isComplete(answer) {
  const head = answer.indexOf('\r\n\r\n')
  if (head < 0) return false
  const length = answer.slice(0, head).match(/\r\ncontent-length: (\d+)/i)
  if (length) return answer.length >= head + 4 + Number(length[1])
  return answer.startsWith('HTTP/1.1 204') || answer.endsWith('0\r\n\r\n')
}

/** Sends `count` requests over kept-alive connections. Rejects if an answer has another kind of status than the delivery should get. */
export function sendMany(port, kind, count) {
  const request = requestBytes(kind)
  const expected = kind === 'authentic' ? 2 : 4
  return new Promise((resolve, reject) => {
    let left = count
    let underWay = 0
    const connections = Array.from({ length: CONNECTIONS }, () => connect(port))
    const end = (finish, value) => {
      for (const connection of connections) connection.close()
      finish(value)
    }
    function next(connection) {
      if (left > 0) {
        left--
        underWay++
        connection.exchange(request, (status) => {
          underWay--
          if (Math.floor(status / 100) === expected) next(connection)
          else end(reject, new Error(`a delivery that is ${kind} was answered ${status}`))
        })
      } else if (underWay === 0) end(resolve)
    }
    for (const connection of connections) next(connection)
  })
}
