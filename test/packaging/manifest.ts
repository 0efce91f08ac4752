import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { unpack } from '../support/tarball.js'

/** What npm runs on the machine of whoever installs a package. */
const INSTALLING = [
  'preinstall',
  'install',
  'postinstall',
  'prepublish',
  'preprepare',
  'prepare',
  'postprepare',
]

/** Throws if an installation of the tarball runs code or brings other packages along. */
export function assertInert(tarball: string, temporary: string): string {
  const folder = join(temporary, 'inert')
  unpack(tarball, folder)
  const file = join(folder, 'node_modules/countersign/package.json')
  const { scripts = {}, gypfile, ...manifest } = JSON.parse(readFileSync(file, 'utf8'))
  const found = INSTALLING.filter((name) => name in scripts)
  if (found.length > 0 || gypfile) throw new Error(`an installation runs ${found} ${gypfile ?? ''}`)
  // npm runs node-gyp for any package that has this file.
  const files = execFileSync('tar', ['-tzf', tarball], { encoding: 'utf8' })
  if (/binding\.gyp|\.node$/m.test(files)) throw new Error('it has a native addon')
  for (const field of ['dependencies', 'optionalDependencies', 'bundleDependencies'])
    if (field in manifest) throw new Error(`it has ${field}`)
  const peers = Object.keys(manifest.peerDependencies)
  const needed = peers.filter((name) => !manifest.peerDependenciesMeta[name]?.optional)
  if (needed.length > 0) throw new Error(`these peers are not optional: ${needed}`)
  return `no install script, no dependency, ${peers.length} optional peers`
}

/** Throws unless npm makes the bill of materials that the release attaches, with nothing in it but the package. */
export function assertBillOfMaterials(root: string): string {
  const args = ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev']
  const workflow = readFileSync(join(root, '.github/workflows/release.yml'), 'utf8')
  if (!workflow.includes(`npm ${args.join(' ')} >`))
    throw new Error('the release makes another one')
  const { bomFormat, specVersion, metadata, components } = JSON.parse(
    execFileSync('npm', args, { cwd: root, encoding: 'utf8' }),
  )
  const { purl } = metadata.component
  if (bomFormat !== 'CycloneDX' || !purl.startsWith('pkg:npm/countersign@'))
    throw new Error(`it is ${bomFormat} of ${purl}`)
  if (components.length > 0)
    throw new Error(`it lists ${components.map(({ name }: { name: string }) => name)}`)
  return `${bomFormat} ${specVersion} of ${purl}, no other component`
}
