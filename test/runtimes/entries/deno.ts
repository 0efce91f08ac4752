import { app, type Bindings } from '../app.js'

// Deno's types are not worth a dependency here.
declare const Deno: {
  env: { toObject(): Record<string, string> }
  serve(options: { port: number; hostname: string }, fetch: (request: Request) => unknown): void
}

const env = Deno.env.toObject()
const bindings = env as unknown as Bindings
Deno.serve({ port: Number(env.PORT), hostname: '127.0.0.1' }, (request) =>
  app.fetch(request, bindings),
)
