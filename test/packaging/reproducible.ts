import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Throws unless the sources, built and packed in two folders, give the same tarball to the byte. */
export function assertReproducible(root: string, temporary: string): string {
  const [first, second] = ['one', 'another/one'].map((name) => buildIn(join(temporary, name), root))
  if (first !== second) throw new Error(`two builds give two tarballs: ${first} and ${second}`)
  return `sha256 ${first?.slice(0, 12)}`
}

function buildIn(folder: string, root: string): string {
  const files = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  for (const file of files.split('\0').filter(Boolean)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    cpSync(join(root, file), join(folder, file))
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'))
  for (const args of [
    ['run', '-s', 'build'],
    ['pack', '--silent'],
  ])
    execFileSync('npm', args, { cwd: folder, stdio: 'pipe' })
  const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz')) ?? ''
  return createHash('sha256')
    .update(readFileSync(join(folder, tarball)))
    .digest('hex')
}
