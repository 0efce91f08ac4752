#!/usr/bin/env node
import { readFile, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { main } from './main.js'

async function readInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of process.stdin) chunks.push(chunk)
  return Buffer.concat(chunks)
}

// The program is known by the path it was started with, which may be a link.
async function version(): Promise<string> {
  const folder = dirname(await realpath(process.argv[1] ?? ''))
  const text = await readFile(join(folder, '../../../../package.json'), 'utf8')
  return JSON.parse(text).version
}

main(process.argv.slice(2), {
  env: process.env,
  readFile: (path) => (path === '-' ? readInput() : readFile(path)),
  print: (text) => console.log(text),
  printError: (text) => console.error(text),
  version,
}).then((code) => {
  process.exitCode = code
})
