import { type ExecFileSyncOptions, execFileSync } from 'node:child_process'
import { mkdirSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Packs what was built into a folder. Returns the path of the tarball. */
export function pack(folder: string): string {
  const options: ExecFileSyncOptions = { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] }
  execFileSync('npm', ['pack', '--silent', '--pack-destination', folder], options)
  const name = readdirSync(folder).find((file) => file.endsWith('.tgz'))
  if (!name) throw new Error('npm pack made no tarball')
  return join(folder, name)
}

/** Lays the content of the tarball where npm would install it: below `node_modules` of a folder. */
export function unpack(tarball: string, folder: string): void {
  const target = join(folder, 'node_modules/countersign')
  mkdirSync(target, { recursive: true })
  execFileSync('tar', ['-xzf', tarball, '-C', target, '--strip-components=1'])
}
