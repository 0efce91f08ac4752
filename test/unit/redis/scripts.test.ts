import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import * as scripts from '../../../src/redis/scripts.js'

test.each(Object.entries(scripts))('%s has the SHA-1 of its source', (_, { source, sha }) => {
  expect(sha).toBe(createHash('sha1').update(source).digest('hex'))
})
