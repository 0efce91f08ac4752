// Prints the size of what a user's bundle gains. Run by `npm run bench:size`, which builds first.
import { fileURLToPath } from 'node:url'
import { bundlers, gzipped } from './bundle.mjs'
import { entries } from './entries.mjs'

const folder = fileURLToPath(new URL('../..', import.meta.url))
const conditions = { browser: [], workerd: ['workerd'] }

for (const [name, { code, goal, ceiling }] of Object.entries(entries)) {
  for (const [bundler, bundle] of Object.entries(bundlers)) {
    for (const [condition, names] of Object.entries(conditions)) {
      const text = await bundle(code, folder, names)
      const note = ceiling === undefined ? '' : ` (goal ${goal}, ceiling ${ceiling})`
      console.log(
        `${name} · ${bundler} · ${condition}: ${text.length} minified, ${gzipped(text)} gzip${note}`,
      )
    }
  }
}
