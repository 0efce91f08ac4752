import { describe, expect, jest, test } from '@jest/globals'
import fc from 'fast-check'
import { z } from 'zod'
import { isWebhookError } from '../../../src/base/errors.js'
import { createPayloadParser } from '../../../src/delivery/payload.js'
import type { StandardSchema } from '../../../src/delivery/types.js'
import { createVerifier } from '../../../src/verify.js'
import { handSigned, now, SECRET } from '../../support/signing.js'

const bytes = (text: string): Uint8Array => Buffer.from(text)
const parse = createPayloadParser('json', undefined)

function schemaOf(validate: (value: unknown) => unknown): StandardSchema {
  return { '~standard': { version: 1, vendor: 'test', validate } } as StandardSchema
}

async function errorOf(work: () => unknown): Promise<{ code: string; cause: unknown }> {
  try {
    await work()
  } catch (error) {
    if (isWebhookError(error)) return { code: error.code, cause: error.cause }
    throw error
  }
  throw new Error('nothing was thrown')
}

test("a schema with parse: 'none' is a TypeError at creation", () => {
  const schema = schemaOf((value) => ({ value }))
  const options = { secret: SECRET, schema, parse: 'none' as const }
  expect(() => createVerifier(options)).toThrow(TypeError)
  expect(() => createVerifier(options)).toThrow(
    "schema needs a parsed body: leave out parse: 'none'",
  )
})

test.each([null, {}, 'zod', { '~standard': null }, { '~standard': {} }, { validate: () => ({}) }])(
  '%j is no schema, which is a TypeError at creation',
  (schema) => {
    expect(() => createPayloadParser('json', schema as never)).toThrow(TypeError)
    expect(() => createPayloadParser('json', schema as never)).toThrow(
      'schema must be a Standard Schema, such as one of zod 3.24, valibot 1 or arktype 2',
    )
  },
)

test('a refusal says whether the JSON or the schema is wrong', async () => {
  expect(() => parse(bytes('{'))).toThrow(
    "the body is authentic but is not JSON in UTF-8; set parse: 'none' to take it as bytes",
  )
  const wrong = createPayloadParser(
    'json',
    schemaOf(() => ({ issues: [{ message: 'no' }] })),
  )
  await expect(wrong(bytes('{}'))).rejects.toThrow(
    'the payload does not fit the schema; error.cause holds the issues',
  )
})

describe('JSON', () => {
  test('any JSON comes out as it went in', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value)
        expect(parse(bytes(text))).toEqual(JSON.parse(text))
        expect(parse(bytes(`\ufeff${text}`))).toEqual(JSON.parse(text))
      }),
    )
  })

  test('an empty body is undefined', () => {
    expect(parse(new Uint8Array(0))).toBeUndefined()
  })

  test.each(['{', 'hello', ' ', '{}{}', '\ufeff', "{'a':1}", 'undefined', 'NaN'])(
    '%p is payload_invalid, and its text is not repeated',
    async (text) => {
      expect(await errorOf(() => parse(bytes(text)))).toEqual({
        code: 'payload_invalid',
        cause: undefined,
      })
    },
  )

  test.each([
    [[0xff]],
    [[0x22, 0xc3, 0x22]],
    [[0xef, 0xbb, 0xbf, 0xff]],
    [[0xff, 0xfe, 0x7b, 0, 0x7d, 0]],
  ])('bytes that are not UTF-8 are payload_invalid: %p', async (wrong) => {
    expect(await errorOf(() => parse(Uint8Array.from(wrong)))).toMatchObject({
      code: 'payload_invalid',
    })
  })

  test('anything at all parses or is payload_invalid', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (body) => {
        try {
          parse(body)
        } catch (error) {
          expect(isWebhookError(error) && error.code).toBe('payload_invalid')
        }
      }),
    )
  })
})

test("parse 'none' looks at nothing", () => {
  const parse = createPayloadParser('none', undefined)
  expect(parse(bytes('{"a":1}'))).toBeUndefined()
  expect(parse(Uint8Array.of(0xff))).toBeUndefined()
})

describe('schema', () => {
  const user = z.object({ name: z.string(), age: z.coerce.number() })

  test("a validator's own output is the payload", async () => {
    const parse = createPayloadParser('json', user)
    expect(await parse(bytes('{"name":"Zoë","age":"7","more":1}'))).toEqual({ name: 'Zoë', age: 7 })
  })

  test('it may answer at once or later', async () => {
    for (const validate of [() => ({ value: 1 }), async () => ({ value: 1 })]) {
      expect(await createPayloadParser('json', schemaOf(validate))(bytes('{}'))).toBe(1)
    }
  })

  test('its validate is called as the method it is', async () => {
    const standard = {
      version: 1 as const,
      vendor: 'test',
      validate(value: unknown) {
        return { value: [this.vendor, value] }
      },
    }
    const parse = createPayloadParser('json', { '~standard': standard })
    expect(await parse(bytes('1'))).toEqual(['test', 1])
  })

  test('an empty body is undefined for it too', async () => {
    const validate = jest.fn((value: unknown) => ({ value }))
    await createPayloadParser('json', schemaOf(validate))(new Uint8Array(0))
    expect(validate).toHaveBeenCalledWith(undefined)
  })

  test('issues are payload_invalid, with the issues as cause', async () => {
    const parse = createPayloadParser('json', user)
    const { code, cause } = await errorOf(() => parse(bytes('{"name":1}')))
    expect(code).toBe('payload_invalid')
    expect(cause).toEqual(expect.arrayContaining([expect.objectContaining({ path: ['name'] })]))
  })

  test('issues count, even next to a value, as validators return it that fill in what they can', async () => {
    const parse = createPayloadParser(
      'json',
      schemaOf(() => ({ value: { name: '' }, issues: [{ message: 'no name' }] }) as never),
    )
    const { code, cause } = await errorOf(() => parse(bytes('{}')))
    expect([code, cause]).toEqual(['payload_invalid', [{ message: 'no name' }]])
  })

  test('a validator that throws or rejects is payload_invalid', async () => {
    const down = new Error('down')
    const thrower = (): never => {
      throw down
    }
    for (const validate of [thrower, () => Promise.reject(down)]) {
      const parse = createPayloadParser('json', schemaOf(validate))
      expect(await errorOf(() => parse(bytes('{}')))).toEqual({
        code: 'payload_invalid',
        cause: [down],
      })
    }
  })

  test.each([undefined, null, 3, 'text', {}, []])(
    'a validator that answers %p is payload_invalid: nothing was validated',
    async (answer) => {
      for (const validate of [() => answer, async () => answer]) {
        const parse = createPayloadParser('json', schemaOf(validate))
        expect(await errorOf(() => parse(bytes('{}')))).toMatchObject({ code: 'payload_invalid' })
      }
    },
  )

  test('its output may be undefined', async () => {
    const parse = createPayloadParser(
      'json',
      schemaOf(() => ({ value: undefined })),
    )
    expect(await parse(bytes('{}'))).toBeUndefined()
  })

  test('it never sees what is not JSON', async () => {
    const validate = jest.fn((value: unknown) => ({ value }))
    const parse = createPayloadParser('json', schemaOf(validate))
    expect(await errorOf(() => parse(bytes('{')))).toMatchObject({ code: 'payload_invalid' })
    expect(validate).not.toHaveBeenCalled()
  })

  test('it never sees what is not authentic', async () => {
    const validate = jest.fn((value: unknown) => ({ value }))
    const verify = createVerifier({ secret: SECRET, now, schema: schemaOf(validate) })
    const { headers } = handSigned()
    expect(await verify.check('{"a":2}', headers)).toMatchObject({
      error: { code: 'signature_mismatch' },
    })
    expect(validate).not.toHaveBeenCalled()
  })

  test('its output types the payload', async () => {
    const verify = createVerifier({ secret: SECRET, now, schema: user })
    const { body, headers } = handSigned({ body: '{"name":"Zoë","age":7}' })
    const { payload } = await verify(body, headers)
    const name: string = payload.name
    // @ts-expect-error there is no such field
    const other: unknown = payload.other
    expect([name, other]).toEqual(['Zoë', undefined])
  })
})
