import { expect, test } from '@jest/globals'
import { plainPath } from 'countersign/http'

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
])('%p is the root', (url) => {
  expect(plainPath(url)).toBe('')
})

test('other paths stay others, and nothing throws', () => {
  const paths = ['/a', '/b', '/a/b', '/a/b/c', '/%', '/%zz', '/%E0%A4%A']
  expect(new Set(paths.map(plainPath)).size).toBe(paths.length)
})
