import type { Webhook } from 'countersign'
import type { PostgresStore } from 'countersign/postgres'

export interface Invoice {
  readonly invoiceId: string
}

/** What each file of this folder makes: a store, and a handler whose work and mark commit together. */
export interface Receiver {
  readonly store: PostgresStore
  recordPayment(webhook: Webhook<Invoice>): Promise<void>
  close(): Promise<unknown>
}
