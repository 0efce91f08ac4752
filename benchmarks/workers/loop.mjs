// The Worker that workerd.mjs starts: `/ours?times=1000` runs a contestant so many times.
import { contestants } from '../pieces/runtimes.mjs'

export default {
  async fetch(request) {
    const url = new URL(request.url)
    const { run } = await contestants[url.pathname.slice(1)]()
    const times = Number(url.searchParams.get('times'))
    for (let index = 0; index < times; index++) await run()
    return new Response('done')
  },
}
