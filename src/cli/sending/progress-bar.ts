import type { Terminal } from '../frame/terminal.js'

const WIDTH = 30

/** Draws a bar on a terminal, at most ten times a second. */
export function progressBar({ progress }: Terminal, total: number): (done: number) => void {
  let drawnAt = 0
  return (done) => {
    if (!progress || total < 2) return
    if (done === total) return progress('')
    const now = performance.now()
    if (now - drawnAt < 100) return
    drawnAt = now
    const filled = Math.floor((done / total) * WIDTH)
    progress(`${'█'.repeat(filled)}${'░'.repeat(WIDTH - filled)} ${done} of ${total}`)
  }
}
