import { type Account, createAccountClient } from '../account/index.js'
import { printable, printableLines } from '../base/printable.js'
import { keyIdOf } from '../delivery/key-id.js'
import { defineCommand } from './frame/command.js'
import { requiredAccount } from './frame/environment.js'
import type { Terminal } from './frame/terminal.js'

/** What is shown of an account. No secret and no token. */
interface Summary {
  readonly id: string | undefined
  readonly accountId: string | undefined
  readonly name: string | undefined
  readonly externalId: string | undefined
  readonly createdAt: string | undefined
  readonly description: string | undefined
  readonly workspaces: readonly (string | undefined)[]
  /** Fingerprint of the signing secret, `null` if the account has none. */
  readonly keyId: string | null
  /** Why the signing secret cannot be used, if it cannot. */
  readonly keyProblem: string | undefined
  /** Seconds by which this machine's clock is ahead of the account API's, `null` if it sent no date. */
  readonly clockDifference: number | null
}

export const accountCommand = defineCommand({
  summary: "Shows the account of the token, the key's fingerprint and the clock difference.",
  options: { json: { help: 'Print JSON.' } },
  notes: ['The token comes from COUNTERSIGN_ACCOUNT_TOKEN. No secret is printed.'],
  async run({ json }, terminal) {
    const summary = await readSummary(terminal)
    terminal.print(json ? printableLines(JSON.stringify(summary, null, 2)) : printSummary(summary))
    return 0
  },
})

async function readSummary(terminal: Terminal): Promise<Summary> {
  let date: string | null = null
  let answeredAt = 0
  const client = createAccountClient({
    ...requiredAccount(terminal),
    async fetch(url, init) {
      const response = await fetch(url, init)
      answeredAt = Date.now()
      date = response.headers.get('date')
      return response
    },
  })
  const account: Partial<Account> = await client.retrieve()
  const { metadata, spec, info } = account
  return {
    id: text(metadata?.id),
    accountId: text(metadata?.accountId),
    name: text(metadata?.name),
    externalId: text(metadata?.externalId),
    createdAt: text(metadata?.createdAt),
    description: text(spec?.description),
    workspaces: list(spec?.workspaces).map((workspace) => text(workspace?.metadata?.name)),
    ...(await keyOf(info?.webhookEventsHmacSecret)),
    clockDifference: differenceOf(date, answeredAt),
  }
}

async function keyOf(secret: unknown): Promise<Pick<Summary, 'keyId' | 'keyProblem'>> {
  if (typeof secret !== 'string' || secret === '') return { keyId: null, keyProblem: undefined }
  try {
    return { keyId: await keyIdOf(secret), keyProblem: undefined }
  } catch (error) {
    // Messages about a secret never contain it.
    return { keyId: null, keyProblem: Object(error).message }
  }
}

/** The header has whole seconds, so less than a second is no difference. */
function differenceOf(date: string | null, answeredAt: number): number | null {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs)) return null
  const difference = Math.floor(answeredAt / 1000) - Math.floor(theirs / 1000)
  return Math.abs(difference) <= 1 ? 0 : difference
}

function printSummary(summary: Summary): string {
  const { id, accountId, workspaces } = summary
  const rows: [string, string | undefined][] = [
    ['name', summary.name],
    ['id', id],
    ['account id', accountId === id ? undefined : accountId],
    ['external id', summary.externalId],
    ['created', summary.createdAt],
    ['description', summary.description],
    ['workspaces', workspaces.filter(Boolean).join(', ') || undefined],
    [
      'signing key',
      summary.keyProblem ?? summary.keyId ?? 'none yet: countersign rotate issues one',
    ],
    ['clock', clockText(summary.clockDifference)],
  ]
  return rows
    .flatMap(([name, value]) =>
      value === undefined ? [] : [`${name.padEnd(12)} ${printable(value)}`],
    )
    .join('\n')
}

function clockText(difference: number | null): string {
  if (difference === null) return 'unknown: the account API sent no Date'
  if (difference === 0) return "the same as the account API's"
  const side = difference > 0 ? 'ahead of' : 'behind'
  const hint =
    Math.abs(difference) > 60 ? ' (set it: deliveries are refused beyond the tolerance)' : ''
  return `this machine is ${Math.abs(difference)} s ${side} the account API${hint}`
}

// What the API sends is not checked by anybody before.
function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function list<T>(value: readonly T[] | undefined): readonly T[] {
  return Array.isArray(value) ? value : []
}
