import { PLAN as COMMON } from '../../redis/crash/plan.js'

/** How much is sent, and what goes wrong meanwhile. Times in milliseconds, but for `seconds` and the lease. Options change it: a long run on a slow machine needs fewer troubles a minute, because each process that is killed must start again. */
export const PLAN = {
  ...COMMON,
  /** No new deliveries after this, however slow the machine is; for each of the two runs. */
  seconds: option('seconds', 45),
  deliveries: option('deliveries', 20_000),
  /** How many deliveries one request carries. 1 goes through Express; more is much cheaper, and each is still verified, claimed and handled by itself. */
  batch: option('batch', 1),
  /** How many such requests are on their way at once, times the copies. */
  sideBySide: option('side-by-side', 80),
  killEvery: option('kill-every', 2_500),
  lease: 3,
  /** One process stops for longer than its lease. */
  pauseEvery: option('pause-every', 7_000),
  pause: 4_000,
  /** The server ends in immediate mode. */
  crashEvery: option('crash-every', 12_000),
} as const

function option(name: string, fallback: number): number {
  const place = process.argv.indexOf(`--${name}`)
  return place < 0 ? fallback : Number(process.argv[place + 1])
}
