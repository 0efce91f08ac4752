#!/usr/bin/env node
import { readFile } from 'node:fs/promises'
import { main } from './main.js'

async function readInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of process.stdin) chunks.push(chunk)
  return Buffer.concat(chunks)
}

main(process.argv.slice(2), {
  env: process.env,
  readFile: (path) => (path === '-' ? readInput() : readFile(path)),
  print: (text) => console.log(text),
  printError: (text) => console.error(text),
}).then((code) => {
  process.exitCode = code
})
