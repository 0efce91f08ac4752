import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { isId } from '../../../src/delivery/webhook-id.js'
import { codeOf, GOOD } from '../../support/three-headers.js'

describe('isId', () => {
  /** The rule once more, without a regular expression for the dots. */
  function isRight(id: string): boolean {
    const isVisible = [...id].every((char) => char > ' ' && char < '\x7f')
    const looksSigned = id
      .split('.')
      .slice(1)
      .some((part) => part.length >= 9 && part.length <= 12 && part[0] !== '0' && !/\D/.test(part))
    return id.length >= 1 && id.length <= 256 && isVisible && !looksSigned
  }

  test('says what the rule says', () => {
    const id = fc.oneof(
      fc.string({ maxLength: 20 }),
      fc.string({ minLength: 250, maxLength: 260 }),
      fc.string({ unit: 'binary', maxLength: 5 }),
      fc
        .array(fc.constantFrom('.', '0', '1700000000', '7', 'a', '123456789', '99999999'), {
          maxLength: 8,
        })
        .map((parts) => parts.join('')),
    )
    fc.assert(
      fc.property(id, (id) => expect(isId(id)).toBe(isRight(id))),
      { numRuns: 1000 },
    )
  })

  test('the receiver refuses what the signer refuses', () => {
    const id = fc.oneof(fc.string(), fc.constantFrom('a.1700000000', 'a.1700000000.b', 'a.b', ''))
    fc.assert(
      fc.property(
        id.filter((id) => !id.includes(', ')),
        (id) => {
          const expected = isId(id) ? 'read' : 'header_malformed'
          expect(codeOf({ ...GOOD, 'webhook-id': id })).toBe(expected)
        },
      ),
    )
  })

  // Whatever the id and the timestamp that were signed, there is no other way to cut what was signed.
  test('no signed content can be cut at a second place', () => {
    const part = fc.constantFrom('1700000000', '999999999', 'a', '0', '12', 'msg_1')
    const dotted = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('.'))
    fc.assert(
      fc.property(dotted, dotted, (id, body) => {
        fc.pre(isId(id))
        const content = `${id}.1700000000.${body}`
        const cuts = [...content.matchAll(/\./g)].flatMap(({ index }) => {
          const [, timestamp] = /^([^.]*)\./.exec(content.slice(index + 1)) ?? []
          const headers = {
            ...GOOD,
            'webhook-id': content.slice(0, index),
            'webhook-timestamp': timestamp,
          }
          const isRecent = Number(timestamp) > 99_999_999
          return isRecent && codeOf(headers) === 'read' ? [content.slice(0, index)] : []
        })
        expect(cuts).toEqual([id])
      }),
      { numRuns: 1000 },
    )
  })
})
