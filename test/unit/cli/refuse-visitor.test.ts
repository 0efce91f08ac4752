import type { IncomingMessage } from 'node:http'
import { expect, test } from '@jest/globals'
import { refuseVisitor } from '../../../src/cli/listener/refuse-visitor.js'

function visit(localPort: number, headers: Record<string, string>, method = 'GET') {
  return refuseVisitor({ headers, method, socket: { localPort } } as unknown as IncomingMessage)
}

test('on port 80 the page is known by its address without the port, as browsers send it', () => {
  const host = 'localhost'
  expect(visit(80, { host })).toBeUndefined()
  expect(visit(80, { host, origin: 'http://localhost' }, 'POST')).toBeUndefined()
  expect(visit(80, { host: 'evil.example' })).toMatch('loopback')
  expect(visit(80, { host, origin: 'http://evil.example' }, 'POST')).toMatch('another origin')
})

test('on another port its address without the port is that of another server', () => {
  expect(visit(4100, { host: 'localhost:4100' })).toBeUndefined()
  expect(visit(4100, { host: 'localhost' })).toMatch('loopback')
})
