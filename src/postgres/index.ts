export type { ClaimedWebhook, PostgresTransaction, TransactionQuery } from './commit-with.js'
export type { PostgresDatabase, PostgresJs, QueryClient } from './postgres-database.js'
export type { PostgresOptions } from './postgres-options.js'
export {
  type PostgresSnapshot,
  type PostgresSnapshotOptions,
  postgresSnapshot,
} from './postgres-snapshot.js'
export { type PostgresStore, type PostgresStoreOptions, postgresStore } from './postgres-store.js'
export type { SweepOptions } from './sweep.js'
