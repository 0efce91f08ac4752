// `await verify(body, headers)` on workerd, Bun and Deno against hand-written `crypto.subtle.verify` in the same runtime.
import { createVerifier } from 'countersign'
import { verifyWithSubtle } from '../baselines.mjs'
import { jsonBody, SECRET, signedHeaders } from '../delivery.mjs'

export const contestants = {
  ours: () => contestant(createVerifier({ secret: SECRET, parse: 'none' })),
  subtle: async () => contestant(await verifyWithSubtle(SECRET)),
}

function contestant(verify) {
  const body = new Uint8Array(jsonBody(1024))
  const headers = signedHeaders(body)
  return { run: () => verify(body, headers) }
}

export async function run() {
  const { numberFrom, speedRatio } = await import('../compare.mjs')
  const { runInWorkerd } = await import('../workerd.mjs')
  const command =
    (program, ...flags) =>
    (name) =>
    () =>
      numberFrom(`node_modules/.bin/${program}`, [...flags, 'time.mjs', 'runtimes', name])
  const runtimes = {
    workerd: (name) => () => runInWorkerd(name),
    Bun: command('bun'),
    Deno: command('deno', 'run', '--allow-all', '--quiet', '--node-modules-dir=manual'),
  }
  const rows = []
  for (const [runtime, side] of Object.entries(runtimes)) {
    rows.push(
      await speedRatio({
        measure: `${runtime}: \`verify\`, 1 KiB, against hand-written \`crypto.subtle.verify\``,
        ours: side('ours'),
        theirs: side('subtle'),
        least: 0.95,
      }),
    )
  }
  return { rows }
}
