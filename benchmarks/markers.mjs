// The part of a Markdown file between `<!-- name: written by run.mjs -->` and `<!-- end of name -->`.
import { readFileSync, writeFileSync } from 'node:fs'

/** `undefined` if the file has no such part. */
export function readPart(path, name) {
  const text = readFileSync(path, 'utf8')
  const [start, end] = bounds(text, name)
  return start < 0 ? undefined : text.slice(start, end)
}

export function writePart(path, name, part) {
  const text = readFileSync(path, 'utf8')
  const [start, end] = bounds(text, name)
  if (start < 0) throw new Error(`${path} has no part "${name}" to write the results to`)
  writeFileSync(path, `${text.slice(0, start)}\n${part}\n${text.slice(end)}`)
}

function bounds(text, name) {
  const opening = `<!-- ${name}: written by run.mjs -->`
  const start = text.indexOf(opening)
  return start < 0 ? [-1] : [start + opening.length, text.indexOf(`<!-- end of ${name} -->`)]
}
