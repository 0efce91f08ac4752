import { readFileSync } from 'node:fs'
import { relative } from 'node:path'

const known = JSON.parse(readFileSync(new URL('equivalent.json', import.meta.url), 'utf8'))

/** Prints the mutants that nothing noticed and the score. Returns whether the score reaches the folder's target. */
export function printScore(folder, files, results) {
  const valid = results.filter(
    ({ status }) => !['Ignored', 'CompileError', 'RuntimeError'].includes(status),
  )
  const alive = valid.filter(({ status }) => ['Survived', 'NoCoverage'].includes(status))
  const open = alive.filter((mutant) => !isEquivalent(mutant))
  for (const mutant of open) console.log(describe(mutant))
  for (const entry of known.filter((entry) => !alive.some(is(entry)) && files.includes(entry.file)))
    console.log(`equivalent.json lists what is not a survivor: ${JSON.stringify(entry)}`)

  const equivalent = alive.length - open.length
  const killed = valid.length - alive.length
  const score = (100 * killed) / (valid.length - equivalent)
  console.log(
    `${folder.name}: ${files.length} files, ${valid.length} mutants, ${killed} killed, ${open.length} survived, ${equivalent} equivalent, score ${score.toFixed(1)} % (target ${folder.target} %)`,
  )
  return score >= folder.target
}

function isEquivalent(mutant) {
  return known.some((entry) => is(entry)(mutant))
}

/** A listed mutant is found by its text, so that lines may move. */
function is({ file, line, change }) {
  return (mutant) =>
    file === fileOf(mutant) && line === lineOf(mutant) && change === changeOf(mutant)
}

function describe(mutant) {
  return `${mutant.status} ${fileOf(mutant)}:${mutant.location.start.line}\n  ${lineOf(mutant)}\n  ${changeOf(mutant)}`
}

function fileOf({ fileName }) {
  return relative('.', fileName)
}

function sourceLines({ fileName }) {
  return readFileSync(fileName, 'utf8').split('\n')
}

function lineOf(mutant) {
  return sourceLines(mutant)[mutant.location.start.line - 1].trim()
}

/** The text that was there and the text that took its place, each cut short. */
function changeOf(mutant) {
  const { start, end } = mutant.location
  const lines = sourceLines(mutant).slice(start.line - 1, end.line)
  lines[lines.length - 1] = lines.at(-1).slice(0, end.column - 1)
  lines[0] = lines[0].slice(start.column - 1)
  return `${short(lines.join(' '))} -> ${short(mutant.replacement)}`
}

function short(text) {
  const line = text.replace(/\s+/g, ' ')
  return line.length > 60 ? `${line.slice(0, 60)}…` : line
}
