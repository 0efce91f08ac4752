import { brotliCompressSync, deflateSync, gunzipSync, gzipSync, inflateSync } from 'node:zlib'
import { expect, test } from '@jest/globals'
import { deflated, inflated } from '../../../../src/diagnose/body/compression.js'

const bytes = Buffer.from('body '.repeat(100))

test('there and back', async () => {
  expect(await inflated(gzipSync(bytes), 'gzip')).toEqual(Uint8Array.from(bytes))
  expect(await inflated(deflateSync(bytes), 'deflate')).toEqual(Uint8Array.from(bytes))
  expect(gunzipSync((await deflated(bytes, 'gzip')) ?? '')).toEqual(bytes)
  expect(inflateSync((await deflated(bytes, 'deflate')) ?? '')).toEqual(bytes)
})

test('a body of another format, broken or endless is undefined', async () => {
  expect(await inflated(bytes, 'gzip')).toBeUndefined()
  expect(await inflated(new Uint8Array(0), 'deflate')).toBeUndefined()
  expect(await inflated(brotliCompressSync(bytes), 'gzip')).toBeUndefined()
  expect(await inflated(gzipSync(bytes).subarray(0, 20), 'gzip')).toBeUndefined()
  const bomb = gzipSync(Buffer.alloc(17 * 1024 * 1024))
  expect(await inflated(bomb, 'gzip')).toBeUndefined()
})
