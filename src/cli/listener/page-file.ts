import { createHash } from 'node:crypto'

/** The live page with the headers that lock it: it may run its own script and ask its own server, nothing else. */
export interface PageFile {
  readonly html: string
  readonly headers: Readonly<Record<string, string>>
}

/** What every answer below the page's address carries. */
export const LOCKED = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'; sandbox",
} as const

export function pageFile(html: string): PageFile {
  const policy = [
    "default-src 'none'",
    `script-src ${hashes(html, 'script')}`,
    `style-src ${hashes(html, 'style')}`,
    "connect-src 'self'",
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    "trusted-types 'none'",
  ].join('; ')
  const type = { 'content-type': 'text/html; charset=utf-8' }
  return { html, headers: { ...LOCKED, ...type, 'content-security-policy': policy } }
}

/** The hashes of the elements that are written into the page. */
function hashes(html: string, element: 'script' | 'style'): string {
  const contents = html.split(new RegExp(`<${element}[^>]*>`)).slice(1)
  const texts = contents.map((text) => text.split(`</${element}>`, 1)[0] ?? '')
  return texts
    .map((text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`)
    .join(' ')
}
