import { describe, expect, test } from '@jest/globals'
import { hasMultiValueHeaders, readEventHeaders } from 'countersign/http'

describe('readEventHeaders', () => {
  test('all lines of every header, if the event has them', () => {
    const multiValueHeaders = { 'webhook-signature': ['v1,a', 'v1,b'] }
    const event = { headers: { 'webhook-signature': 'v1,b' }, multiValueHeaders }
    expect(readEventHeaders(event)).toEqual(multiValueHeaders)
    expect(hasMultiValueHeaders(event)).toBe(true)
  })
  test.each([[null], [undefined], [{}]])('%j holds no lines', (multiValueHeaders) => {
    const event = { headers: { a: '1' }, multiValueHeaders }
    expect(readEventHeaders(event)).toEqual({ a: '1' })
    expect(hasMultiValueHeaders(event)).toBe(false)
  })
  test('signatures that a gateway joined are separated; an id with commas stays', () => {
    const headers = {
      'webhook-signature': 'v1,aa,v1a,bb v1,cc',
      'svix-signature': 'v1a,aa,v1,bb',
      'webhook-id': 'id,v1,aa',
      'svix-id': 'v,1',
      'x-none': undefined,
    }
    expect(readEventHeaders({ headers })).toEqual({
      ...headers,
      'webhook-signature': 'v1,aa v1a,bb v1,cc',
      'svix-signature': 'v1a,aa v1,bb',
    })
  })
  test('lines that an emulator keeps apart stay as they are', () => {
    const headers = { 'webhook-signature': ['v1,aa', 'v1,bb'] as never }
    expect(readEventHeaders({ headers })).toEqual(headers)
  })
  test('an event without headers has none', () => {
    expect(readEventHeaders({ headers: null })).toEqual({})
    expect(readEventHeaders({})).toEqual({})
  })
})
