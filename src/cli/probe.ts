import { printable } from '../base/printable.js'
import { defineCommand } from './frame/command.js'
import { currentSecrets } from './frame/environment.js'
import { paint } from './frame/terminal.js'
import { httpUrl, seconds } from './frame/values.js'
import { AUTHENTIC_CASES } from './probing/authentic-cases.js'
import { headline, printResult } from './probing/card.js'
import { FORGED_CASES } from './probing/forged-cases.js'
import { createMaker } from './probing/maker.js'
import { play } from './probing/play.js'
import type { ProbeResult } from './probing/probe-case.js'

const CASES = [...AUTHENTIC_CASES, ...FORGED_CASES]

export const probeCommand = defineCommand({
  summary: 'Plays right and wrong deliveries at an endpoint of yours and prints a report card.',
  words: ['URL'],
  options: {
    remote: { help: 'Allow an endpoint that is not on this machine. Probe only what is yours.' },
    timeout: { value: 'SECONDS', help: 'How long to wait for each answer. Default 10.' },
    json: { help: 'Print the report card as JSON.' },
  },
  notes: [
    `${CASES.length} cases, whatever library verifies. The handler runs for those that are accepted; their event type is countersign.probe.`,
    'Exit code 0 if every answer is the right one, 1 if not, 2 if there is no answer.',
  ],
  async run({ remote, timeout: limit, json }, terminal, [address]) {
    const url = httpUrl('the URL', address)
    if (!remote && !isLoopback(url)) {
      throw new TypeError(
        'probe sends forgeries, so it takes an address of this machine only: add --remote if the endpoint is yours',
      )
    }
    const timeout = seconds('timeout', limit) ?? 10
    const maker = createMaker(await currentSecrets(terminal))
    const results: ProbeResult[] = []
    for (const probed of CASES) {
      if (terminal.signal.aborted) throw new TypeError('the probe was interrupted')
      terminal.progress?.(`${results.length + 1} of ${CASES.length}: ${probed.name}`)
      // The time is read for each case, since an endpoint may be slow.
      const result = await play(
        probed,
        { ...maker, now: Math.floor(Date.now() / 1000) },
        { url, timeout },
      )
      if (result) results.push(result)
      terminal.progress?.('')
      if (probed === CASES[0] && result?.got === 'silent') throw new TypeError(result.failure)
    }
    const said = headline(results)
    const isRight = results.every(({ verdict }) => verdict === 'right')
    if (json) {
      const shown = url.origin + url.pathname
      terminal.print(
        printable(JSON.stringify({ url: shown, ok: isRight, headline: said, cases: results })),
      )
    } else {
      for (const result of results) terminal.print(printResult(result, terminal))
      const of = (verdict: string) => results.filter((result) => result.verdict === verdict).length
      terminal.print(
        `\n${of('right')} right, ${of('fault')} faults, ${of('lenient')} lenient, of ${results.length} cases`,
      )
      terminal.print(paint(terminal, isRight ? 'green' : 'bold', said))
    }
    return isRight ? 0 : 1
  },
})

function isLoopback({ hostname }: URL): boolean {
  return /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(hostname)
}
