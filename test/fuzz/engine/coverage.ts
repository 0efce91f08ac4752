import { Session } from 'node:inspector'

/** Tells which code an input reaches, by V8's own counters. */
export interface Coverage {
  /** The branches that ran since the last call and had not been known before. */
  take(): readonly string[]
  /** They are known from now on. */
  know(branches: readonly string[]): void
}

interface Script {
  readonly url: string
  readonly scriptId: string
  readonly functions: readonly { readonly ranges: readonly Range[] }[]
}
interface Range {
  readonly startOffset: number
  readonly endOffset: number
  readonly count: number
}

/** Counts the scripts whose address holds `name`. */
export function createCoverage(name: string): Coverage {
  const session = new Session()
  session.connect()
  session.post('Profiler.enable')
  session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true })
  const known = new Set<string>()

  function take(): readonly string[] {
    const branches: string[] = []
    // The session is on this thread, so it answers before `post` returns.
    session.post('Profiler.takePreciseCoverage', (error, answer) => {
      if (error) throw error
      const scripts: readonly Script[] = answer.result
      for (const { url, scriptId, functions } of scripts) {
        if (!url.includes(name)) continue
        for (const { startOffset, endOffset, count } of functions.flatMap(({ ranges }) => ranges)) {
          const branch = `${scriptId}:${startOffset}:${endOffset}`
          if (count > 0 && !known.has(branch)) branches.push(branch)
        }
      }
    })
    return branches
  }

  return {
    take,
    know(branches) {
      for (const branch of branches) known.add(branch)
    },
  }
}
