import { readFileSync } from 'node:fs'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'

/** What publint says and is not so, with the reason. */
const exceptions: Record<string, string> = {
  NESTED_PACKAGE_JSON_FIELD_IGNORED:
    'Node takes "imports" from the nearest package.json, and dist/cjs has one of its own to say "commonjs"; the fixture "require" runs on it',
}

/** Throws for everything that publint finds in the tarball, suggestions included. */
export async function lint(tarball: string): Promise<void> {
  const file = readFileSync(tarball)
  const bytes = file.buffer.slice(file.byteOffset, file.byteOffset + file.length)
  const { messages, pkg } = await publint({ pack: { tarball: bytes }, strict: true })
  const found = messages.filter(({ code }) => !(code in exceptions))
  const texts = found.map((message) => `${message.code}: ${formatMessage(message, pkg ?? {})}`)
  if (texts.length > 0) throw new Error(texts.join('\n'))
}
