import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { startDevServer } from '@vercel/node'
import { assertKeepsContract, delivery, post, SECRET } from './support.mjs'

const here = fileURLToPath(new URL('.', import.meta.url))

const FUNCTIONS = {
  node: `import { webhookHandler } from 'countersign/node'
export default webhookHandler({ secret: '${SECRET}' }, (_req, res, webhook) => { res.statusCode = 204; res.end() })`,
  fetch: `import { webhookHandler } from 'countersign/fetch'
export const POST = webhookHandler({ secret: '${SECRET}' }, () => {})`,
}

/** Vercel's own server for one function, in a process of its own. */
async function serve(t, name) {
  const folder = mkdtempSync(join(here, 'node_modules/.vercel-'))
  mkdirSync(join(folder, 'api'))
  writeFileSync(join(folder, 'package.json'), '{"type":"module"}')
  writeFileSync(join(folder, `api/${name}.js`), FUNCTIONS[name])
  const { port, pid } = await startDevServer({
    files: {},
    entrypoint: `api/${name}.js`,
    workPath: folder,
    repoRootPath: folder,
    config: {},
    meta: { isDev: true, requestPath: `/api/${name}` },
  })
  t.after(() => {
    process.kill(pid)
    rmSync(folder, { recursive: true, force: true })
  })
  return `http://127.0.0.1:${port}/api/${name}`
}

for (const name of Object.keys(FUNCTIONS)) {
  test(`a function of Vercel’s Node runtime with countersign/${name}`, async (t) => {
    const url = await serve(t, name)
    await assertKeepsContract((request) => post(url, request))
    assert.equal((await post(url, await delivery({ type: '' }))).status, 204)
    assert.equal((await post(url, await delivery({ type: 'text/plain' }))).status, 204)
  })
}
