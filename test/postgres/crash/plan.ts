import { PLAN as COMMON } from '../../redis/crash/plan.js'

/** How much is sent, and what goes wrong meanwhile. Times in milliseconds, but for `seconds` and the lease. `--seconds` and `--deliveries` change it. */
export const PLAN = {
  ...COMMON,
  /** No new deliveries after this, however slow the machine is; for each of the two runs. */
  seconds: option('seconds', 45),
  deliveries: option('deliveries', 20_000),
  sideBySide: 80,
  killEvery: 2_500,
  lease: 3,
  /** One process stops for longer than its lease. */
  pauseEvery: 7_000,
  pause: 4_000,
  /** The server ends in immediate mode. */
  crashEvery: 12_000,
} as const

function option(name: string, fallback: number): number {
  const place = process.argv.indexOf(`--${name}`)
  return place < 0 ? fallback : Number(process.argv[place + 1])
}
