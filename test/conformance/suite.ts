import { adapterCases } from './adapters.js'
import type { Case } from './check.js'
import { deliveryCases } from './deliveries.js'
import type { Library, ReachableAccount } from './library.js'
import { rotationCases } from './rotation.js'
import { signingCases } from './signing.js'
import { vectorCases } from './vectors.js'

export interface Report {
  readonly passed: number
  readonly failed: readonly { readonly name: string; readonly error: string }[]
}

/** Everything that must be the same on every runtime. */
export function conformanceCases(library: Library, account: ReachableAccount): readonly Case[] {
  return [
    ...deliveryCases(library),
    ...vectorCases(library),
    ...signingCases(library),
    ...rotationCases(library, account),
    ...adapterCases(library),
  ]
}

/** Runs them one after the other. */
export async function runConformance(library: Library, account: ReachableAccount): Promise<Report> {
  const failed: { name: string; error: string }[] = []
  const cases = conformanceCases(library, account)
  for (const { name, run } of cases) {
    await run().catch((error) => failed.push({ name, error: String(error) }))
  }
  return { passed: cases.length - failed.length, failed }
}
