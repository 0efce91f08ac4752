import { Readable } from 'node:stream'
import { expect, test } from '@jest/globals'
import { whyGone } from '../../../src/http/why-gone.js'

const request = (properties: object = {}): Readable => Object.assign(Readable.from([]), properties)

test.each<[string, object, Parameters<typeof whyGone>[1], RegExp]>([
  ['an object that is no stream', {}, {}, /^the request is not a stream of Node.*toWebRequest/],
  [
    'an object that is no stream, with a parsed body',
    {},
    { body: { a: 1 } },
    /^the request is not a stream of Node/,
  ],
  ['a parsed body', request(), { body: { a: 1 } }, /^a body parser ran first.*keepRawBody/],
  ['a body that a parser set to null', request(), { body: null }, /^a body parser ran first/],
  ['text', request(), { body: 'text' }, /^the body was decoded to text.*express\.raw/],
  ['text in rawBody', request(), { rawBody: 'text', body: {} }, /^the body was decoded to text/],
  ['nothing', request(), {}, /^the request stream has already been read/],
  ['a number', request(), { body: 1 }, /^the request stream has already been read/],
  [
    'a parsed body in an API route of Next.js',
    request({ query: {}, preview: undefined }),
    { body: { a: 1 } },
    /^Next\.js parsed the body.*bodyParser: false/,
  ],
  [
    'text in an API route of Next.js in draft mode',
    request({ query: {}, draftMode: undefined }),
    { body: 'text' },
    /^Next\.js parsed the body/,
  ],
  [
    'a parsed body in Express, which has a query too',
    request({ query: {} }),
    { body: {} },
    /^a body parser ran first/,
  ],
  [
    'a parsed body of a request with a preview of its own',
    request({ preview: true }),
    { body: {} },
    /^a body parser ran first/,
  ],
])('%s: the message names the cause and the fix', (_name, given, kept, message) => {
  expect(whyGone(given, kept)).toMatch(message)
})
