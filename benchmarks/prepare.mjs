// Installs the peers, builds and packs the package, and unpacks it where these scripts import it: what is measured is what is published.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

const here = import.meta.dirname
const root = join(here, '..')

export function prepare() {
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] }
  if (!existsSync(join(here, 'node_modules'))) {
    execFileSync('npm', ['ci'], { cwd: here, ...quiet })
  }
  execFileSync('npm', ['run', 'build'], { cwd: root, ...quiet })
  const args = ['pack', '--silent', '--ignore-scripts', '--pack-destination', here]
  const tarball = execFileSync('npm', args, { cwd: root, encoding: 'utf8' }).trim()
  const target = join(here, 'node_modules', 'countersign')
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target)
  const unpack = ['-xzf', join(here, tarball), '-C', target, '--strip-components=1']
  execFileSync('tar', unpack, quiet)
  rmSync(join(here, tarball))
}
