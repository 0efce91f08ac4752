import { expect, test } from '@jest/globals'
import { plainPath, withoutHost } from 'countersign/http'
import { scopeOf } from '../../../src/http/endpoint.js'
import { expectLinear } from '../../support/growth.js'

test.each([
  '/webhooks',
  '/webhooks/',
  '//webhooks//',
  '/Webhooks',
  '/webhooks?a=1',
  '/webhooks/?a=/b/',
  '/webhooks#x',
  '/%77ebhooks',
  '/webhooks%2F',
  'https://a.example/webhooks',
  'http://b.example:8080/webhooks?x',
  '/./webhooks',
  '/a/../webhooks',
  '/a/b/../../webhooks',
  '/../../webhooks',
  '/b/%2e%2e/webhooks',
  '/%252e%252e/webhooks',
  '\\webhooks',
  '/%2577ebhooks',
  '/%25252577ebhooks',
  '/webhooks%20',
  '/webhooks;a=1',
  '/web%E2%80%8Bhooks',
  '/\uFF57ebhooks',
  '/web%00hooks',
  '/web%EF%BB%BFhooks',
  'https://a.example/webhooks?next=b://c/d',
  'h2+a.b-c://a.example/webhooks',
])('%s is one endpoint', (url) => {
  expect(plainPath(url)).toBe('/webhooks')
})

test.each([
  '/',
  '',
  'https://a.example',
  'http://a.example?x=/a',
  'http://a.example#/a',
  'https://a.example/?x',
  '/..',
])('%p is the root', (url) => {
  expect(plainPath(url)).toBe('')
})

test.each([undefined, null])('without a route (%p), the path counts', (pattern) => {
  expect(scopeOf({ url: '/a/?x', pattern })).toBe('/a')
})

test('letters are one if they have the same capital, as in a pattern with the flag i', () => {
  const paths = ['/\u03c3x', '/\u03c2x', '/\u03a3X', '/%CF%82x']
  expect(new Set(paths.map(plainPath)).size).toBe(1)
})

test('different paths stay different, and nothing throws', () => {
  const paths = ['/a', '/b', '/a/b', '/a/b/c', '/%', '/%zz', '/%E0%A4%A', '/a b', '/ab']
  expect(new Set(paths.map(plainPath)).size).toBe(paths.length)
})

test.each([
  ['/a%20%20b', '/a b'],
  ['/a/https://b/c', '/a/https:/b/c'],
  // Four passes, and no fifth.
  ['/%2525252577ebhooks', '/%77ebhooks'],
])('the path of %s is %s', (url, path) => {
  expect(plainPath(url)).toBe(path)
})

test('a path takes time in proportion to its length, whatever is in it', async () => {
  for (const part of ['%25', '/..', ' ', '\u00a0', ';', '%', '/a', '\\', 'https:', '%2525']) {
    await expectLinear((size) => plainPath(`/${part.repeat(size)}`), 1000)
  }
})

test.each([
  ['//x/hooks', '/hooks'],
  ['//a.example:80/hooks', '/hooks'],
  ['///x/hooks', '/hooks'],
  ['\\\\x/hooks', '/hooks'],
  ['/hooks', '/hooks'],
  ['/a//b', '/a//b'],
  ['//x', ''],
])('%s is the path that new URL sees', (url, path) => {
  expect(withoutHost(url)).toBe(path)
})

const url = '/hooks/Acme/x'
test.each([
  ['a pattern without parameters is a path', { pattern: '/Hooks/' }, '/hooks'],
  [
    'named parameters count',
    { pattern: '/hooks/:t', params: { t: 'Acme ' } },
    '/hooks/:t ["/acme"]',
  ],
  ['several', { pattern: '/:a/:b', params: { a: 'x', b: 'y' } }, '/:a/:b ["/x","/y"]'],
  ['one that is not there', { pattern: '/a{/:b}', params: { b: undefined } }, '/a{/:b} [""]'],
  ['the mount path', { pattern: '/:t', base: '/V1/', params: { t: 'x' } }, '/v1/:t ["/x"]'],
  ['without a pattern, the URL', { params: { t: 'x' } }, '/hooks/acme/x'],
])('%s', (_rule, endpoint, scope) => {
  expect(scopeOf({ url, ...endpoint })).toBe(scope)
})

test.each([
  ['*', { '0': 'x' }],
  ['/*', { '*': 'x' }],
  ['/{*any}', { any: ['x'] }],
  ['/*rest', { rest: 'x' }],
  ['*rest', { rest: 'x' }],
  ['/*"the rest"', { 'the rest': 'x' }],
  ['/:rest(*)', { rest: 'x' }],
  ['/:rest(.*)', { rest: 'x' }],
  ['/:rest([^?]+)', { rest: 'x' }],
  ['/:rest(\\d+/\\d+)', { rest: '1/2' }],
  ['/:rest(b?/)', { rest: 'x' }],
  ['/:rest([(].*)/a', { rest: '(x' }],
  ['/:restaurant/:rest(.*)', { rest: 'x' }],
  ['/rest/{rest+}', { rest: 'x' }],
  ['/:rest((?:a|b/)*)*', { rest: 'x' }],
  ['/:rest*', { rest: 'x' }],
  ['/:rest+', { rest: 'x' }],
  ['/:rest(\\w+)*', { rest: 'x' }],
  ['/:rest{.+}', { rest: 'x' }],
  ['/{rest+}', { rest: 'x' }],
  [/^\/(?<rest>.*)$/, { rest: 'x' }],
  [/^\/rest\/(?<rest>.*)$/, { rest: 'x' }],
  [['/a/:rest{.+}', '/b'], { rest: 'x' }],
  [new RegExp(`^/${'(.)'.repeat(11)}$`), { '10': 'x' }],
])('a remainder never counts: %s', (pattern, params) => {
  expect(scopeOf({ url, pattern, params })).toBe([pattern].flat().map(String).join(' '))
})

test('nor does a list of segments, whatever form the pattern has', () => {
  expect(scopeOf({ url, pattern: '/a/[...rest]', params: { rest: ['x', 'y'] } })).toBe(
    scopeOf({ url, pattern: '/a/[...rest]', params: { rest: ['z'] } }),
  )
})

test.each([
  ['/:id(\\d+)', { id: '7' }],
  ['/:id(\\)|\\d)', { id: '7' }],
  ['/:id{[0-9]+}', { id: '7' }],
  ['/:id{.:ext}', { id: '7' }],
  ['/:identity/:id', { id: '7' }],
  ['/:rest/*', { rest: '7', '*': 'x' }],
  ['/:id/(.*)', { id: '7', '0': 'x' }],
  ['/:id(\\d+)/*', { id: '7', '*': 'x' }],
  ['/:id(\\d*)', { id: '7' }],
  ['/:id((?:a|b)c)', { id: '7' }],
  // Of the route at which this one's router is mounted.
  ['/hooks', { id: '7' }],
  ['/:v1', { v1: '7' }],
  ['/:1st', { '1st': '7' }],
  ['/{id}', { id: '7' }],
  [/^\/(?<id>[^/]+)/, { id: '7' }],
])('another parameter does: %s', (pattern, params) => {
  expect(scopeOf({ url, pattern, params })).toBe(`${pattern} ["7"]`.replace('"7', '"/7'))
})
