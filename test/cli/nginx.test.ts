import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from '@jest/globals'
import { generateSecret } from 'countersign/sign'
import { runProgram, startListener } from './program.js'

const env = { COUNTERSIGN_SECRET: generateSecret() }

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

const config = (port: number, upstream: string, folder: string): string => `
daemon off; master_process off; pid ${folder}/pid; error_log ${folder}/error.log;
events {}
http {
  access_log off; client_max_body_size 4m;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy; fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  server { listen 127.0.0.1:${port}; location / { proxy_pass ${upstream}; proxy_request_buffering off; proxy_http_version 1.1; } }
}`

test('nginx between send, probe and listen: every variant gets its answer', async () => {
  const listener = await startListener(env)
  const folder = mkdtempSync(join(tmpdir(), 'countersign-nginx-'))
  mkdirSync(join(folder, 'body'))
  const port = await freePort()
  writeFileSync(join(folder, 'conf'), config(port, listener.url, folder))
  const nginx = spawn(
    'nginx',
    ['-c', join(folder, 'conf'), '-p', folder, '-e', join(folder, 'error.log')],
    { stdio: 'ignore', env: { PATH: `${process.env.PATH}:/usr/sbin` } },
  )
  const url = `http://127.0.0.1:${port}`
  try {
    while (!(await fetch(url).catch(() => undefined)))
      await new Promise((resolve) => setTimeout(resolve, 50))
    for (const variant of [
      'signed',
      'stale',
      'future',
      'tampered',
      'wrong-key',
      'rotated',
      'duplicated',
    ]) {
      expect(await runProgram(env, 'send', `${url}/x`, '--variant', variant)).toMatchObject({
        code: 0,
      })
    }
    const { code, output } = await runProgram(env, 'probe', `${url}/x`)
    expect([code, output.match(/^✗ .*$/gm)]).toEqual([0, null])
  } finally {
    nginx.kill('SIGTERM')
    await once(nginx, 'close')
    rmSync(folder, { recursive: true, force: true })
    expect(await listener.stop()).toBe(0)
  }
})
