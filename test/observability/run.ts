// `npm run test:observability`: promtool loads the alert rules and runs their tests; dashboard and rules name metrics that there are.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { bundlers } from '../../benchmarks/size/bundle.mjs'

const folder = 'examples/observability'
const scrape = readFileSync(`${folder}/scrape.txt`, 'utf8')
const page = readFileSync('docs/observability.md', 'utf8')
const instruments = readFileSync('src/otel/instruments.ts', 'utf8')
const metrics = [...instruments.matchAll(/'(countersign(?:\.[a-z_]+)+)'/g)].map(([, name]) =>
  String(name),
)

const promtool =
  (...words: string[]) =>
  () =>
    execFileSync('promtool', words, { cwd: folder, stdio: 'pipe' })

/** Every name that begins with `countersign_`, without what Prometheus appends. */
function assertKnown(file: string): void {
  const known = metrics.map((name) => name.replaceAll('.', '_'))
  const text = readFileSync(`${folder}/${file}`, 'utf8').replace(
    /countersign_(outcome|result)/g,
    '',
  )
  const named = text.match(/countersign_[a-z_]+/g) ?? []
  if (!named.length) throw new Error('no metric is named')
  for (const name of named) {
    if (!known.includes(name.replace(/_(total|bucket|seconds|bytes|)$/, '')))
      throw new Error(`there is no metric ${name}`)
  }
}

const checks: Record<string, () => unknown> = {
  'promtool loads the alert rules': promtool('check', 'rules', 'alerts.yml'),
  'each rule fires on its own series only': promtool('test', 'rules', 'alerts.test.yml'),
  'the rules name metrics that there are': () => assertKnown('alerts.yml'),
  'the dashboard names metrics that there are': () => {
    JSON.parse(readFileSync(`${folder}/dashboard.json`, 'utf8'))
    assertKnown('dashboard.json')
  },
  'the page has a row for every metric': () => {
    const missing = metrics.filter((name) => !page.includes(`\`${name}\``))
    if (metrics.length < 12 || missing.length) throw new Error(`missing: ${missing}`)
  },
  'a bundle for Workers holds nothing of Node, and runs with the API alone': async () => {
    for (const bundle of Object.values(bundlers)) {
      const code = "export { telemetry } from 'countersign/otel'"
      const text = await bundle(code, process.cwd(), ['workerd'])
      const found = text.match(/\bnode:\w+|\bBuffer\b|\brequire\(/)
      if (found) throw new Error(`it contains ${found[0]}`)
      const { telemetry } = await import(`data:text/javascript,${encodeURIComponent(text)}`)
      telemetry().onVerdict({ outcome: 'accepted', duration: 0, context: {} })
    }
  },
  'the scrape of the run is one that Prometheus reads': () =>
    execFileSync('promtool', ['check', 'metrics'], {
      input: scrape,
      stdio: ['pipe', 'pipe', 'pipe'],
    }),
}

let passed = 0
for (const [title, check] of Object.entries(checks)) {
  try {
    await check()
    passed++
    console.log(`ok      ${title}`)
  } catch (error) {
    const { stderr, message } = Object(error)
    console.log(`FAILED  ${title}: ${stderr || message}`)
  }
}
const total = Object.keys(checks).length
console.log(`${passed} of ${total} pass`)
if (passed < total) process.exitCode = 1
