import { serve } from '@hono/node-server'
import { app, type Bindings } from '../app.js'

const bindings = process.env as unknown as Bindings
serve({
  fetch: (request, env) => app.fetch(request, { ...env, ...bindings }),
  port: Number(process.env.PORT),
  hostname: '127.0.0.1',
})
