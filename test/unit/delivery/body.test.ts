import { runInNewContext } from 'node:vm'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { viewBytes } from '../../../src/base/bytes.js'
import { isWebhookError } from '../../../src/base/errors.js'
import {
  bodyBrokenOff,
  bodyBytes,
  bodyTooLarge,
  bodyUnavailable,
} from '../../../src/delivery/body.js'
import type { WebhookBody } from '../../../src/delivery/types.js'

const plain = (bytes: Uint8Array): number[] => Array.from(bytes)

describe('bodyBytes', () => {
  test('a string is its UTF-8', () => {
    expect(plain(bodyBytes('Zoë'))).toEqual([90, 111, 195, 171])
    expect(plain(bodyBytes('\ufeff'))).toEqual([0xef, 0xbb, 0xbf])
    expect(bodyBytes('').length).toBe(0)
  })

  test('bytes are taken as they are, in every form', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.nat(9), (bytes, before) => {
        const room = new Uint8Array(bytes.length + before + 3)
        room.set(bytes, before)
        const { buffer } = room
        for (const body of [
          bytes,
          Buffer.from(bytes),
          bytes.slice().buffer,
          room.subarray(before, before + bytes.length),
          Buffer.from(buffer, before, bytes.length),
          new DataView(buffer, before, bytes.length),
        ]) {
          expect(plain(bodyBytes(body as WebhookBody))).toEqual(plain(bytes))
        }
      }),
    )
  })

  test.each([
    ['Uint8Array', 'Uint8Array.of(1, 2, 255)'],
    ['ArrayBuffer', 'Uint8Array.of(1, 2, 255).buffer'],
    ['DataView', 'new DataView(Uint8Array.of(1, 2, 255).buffer)'],
  ])('bytes of another realm count: %s', (_, source) => {
    expect(plain(bodyBytes(runInNewContext(source)))).toEqual([1, 2, 255])
  })

  test('wider views are their bytes', () => {
    expect(bodyBytes(new Uint16Array([1]) as unknown as WebhookBody).length).toBe(2)
  })

  test.each([
    [undefined],
    [null],
    [0],
    [true],
    [{}],
    [{ a: 1 }],
    [[]],
    [[1, 2]],
    [{ type: 'Buffer', data: [1] }],
    [{ length: 1, 0: 1 }],
    [new Map()],
    [new Date()],
    [Symbol('x')],
    [() => 'x'],
    [new String('text')],
    [runInNewContext('({ a: 1 })')],
    [new Blob(['x'])],
    [new ReadableStream()],
  ])('%p is body_unavailable', (body) => {
    let caught: unknown
    try {
      bodyBytes(body as WebhookBody)
    } catch (error) {
      caught = error
    }
    expect(isWebhookError(caught) && caught.code).toBe('body_unavailable')
  })
})

test('viewBytes distinguishes bytes from everything else', () => {
  expect(viewBytes(new Uint8Array(0))).toHaveLength(0)
  expect(viewBytes('text')).toBeUndefined()
  expect(viewBytes(null)).toBeUndefined()
  expect(viewBytes({ byteLength: 1 })).toBeUndefined()
})

test('errors name what went wrong', () => {
  const cause = new Error('broken pipe')
  expect(bodyUnavailable('gone', cause)).toMatchObject({ code: 'body_unavailable', cause })
  expect(bodyTooLarge(1024)).toMatchObject({ code: 'body_too_large' })
  expect(bodyTooLarge(1024).message).toBe('the body has more bytes than maxBodyBytes allows (1024)')
  expect(bodyBrokenOff(cause)).toMatchObject({ code: 'body_unavailable', cause, quiet: true })
  expect(bodyBrokenOff().message).toMatch(/broke off before the whole body.*will try again/)
  expect(() => bodyBytes({} as never)).toThrow(
    'the body must be the bytes that arrived, not a value of type object: verify before any parser',
  )
})
