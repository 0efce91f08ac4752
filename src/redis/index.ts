export type {
  IoRedisClient,
  NodeRedisClient,
  RedisClient,
  UpstashRedisClient,
} from './redis-client.js'
export type { RedisOptions } from './redis-options.js'
export { type RedisSnapshotOptions, redisSnapshot } from './redis-snapshot.js'
export { type RedisStoreOptions, redisStore } from './redis-store.js'
