import { join } from 'node:path'
import { bundlers, gzipped } from '../../benchmarks/size/bundle.mjs'
import { entries } from '../../benchmarks/size/entries.mjs'
import { unpack } from '../support/tarball.js'

/** What a bundler for the edge sees, with the condition of its platform and without. */
const conditions = { 'no condition': [], workerd: ['workerd'] }

/** Bundles made from the tarball: nothing of Node in them, and no heavier than promised. */
export function bundleChecks(
  tarball: string,
  temporary: string,
): Record<string, () => Promise<string>> {
  const folder = join(temporary, 'bundles')
  let isInstalled = false
  function install(): void {
    if (isInstalled) return
    unpack(tarball, folder)
    isInstalled = true
  }

  const checks: [string, () => Promise<string>][] = []
  for (const [entry, { code, ceiling }] of Object.entries(entries)) {
    for (const [bundler, bundle] of Object.entries(bundlers)) {
      for (const [condition, names] of Object.entries(conditions)) {
        checks.push([
          `bundle of ${entry}, ${bundler}, ${condition}`,
          async () => {
            install()
            return assertBundle(await bundle(code, folder, names), ceiling)
          },
        ])
      }
    }
  }
  return Object.fromEntries(checks)
}

function assertBundle(text: string, ceiling: number | undefined): string {
  const found = text.match(/\bnode:\w+|\bBuffer\b|\brequire\(/)
  if (found) throw new Error(`it contains ${found[0]}`)
  const size = gzipped(text)
  if (ceiling !== undefined && size > ceiling) throw new Error(`${size} bytes, above ${ceiling}`)
  return `${size} bytes gzip`
}
