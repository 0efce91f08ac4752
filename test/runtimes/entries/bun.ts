import { app, type Bindings } from '../app.js'

// Bun's types are not worth a dependency here.
declare const Bun: {
  env: Record<string, string>
  serve(options: { port: number; hostname: string; fetch(request: Request): unknown }): void
}

const bindings = Bun.env as unknown as Bindings
Bun.serve({
  port: Number(Bun.env.PORT),
  hostname: '127.0.0.1',
  fetch: (request) => app.fetch(request, bindings),
})
