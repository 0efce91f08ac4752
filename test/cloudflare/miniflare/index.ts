export { Miniflare, type MiniflareOptions } from 'miniflare'
