// Heap growth over 1,000,000 deliveries after warm-up, next to the same loop around hand-written code.
import { numberFrom } from '../compare.mjs'

const DELIVERIES = 1_000_000
// What the heap of the hand-written loop moves by from run to run on the machines tried.
const NOISE = 128 * 1024

const kibibytes = (bytes) => `${(bytes / 1024).toFixed(0)} KiB`

export async function run() {
  const grown = (contestant) => {
    const args = ['--expose-gc', 'grow.mjs', contestant, DELIVERIES]
    return numberFrom(process.execPath, args)
  }
  const ours = await grown('ours')
  const theirs = await grown('hand')
  return {
    rows: [
      {
        measure:
          'heap growth over 1,000,000 deliveries (each with its own id, every tenth forged), beside the hand-written loop',
        ours: kibibytes(ours),
        theirs: kibibytes(theirs),
        ratio: kibibytes(ours - theirs),
        target: '0 within noise',
        met: Math.max(ours, ours - theirs) <= NOISE,
      },
    ],
  }
}
