/** A Lua script that Redis runs as one atomic step, and its SHA-1. */
export interface Script {
  readonly source: string
  readonly sha: string
}

// Each script names its one key, so a cluster can route it. A claim is stored as `t` and its token; a delivery that is done is stored as `1`.

/** Returns -1 for claimed, -2 for done, otherwise the milliseconds until the other claim expires. */
export const CLAIM: Script = {
  source: `local v = redis.call('GET', KEYS[1])
if not v or v == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return -1
end
if v == '1' then return -2 end
return math.max(redis.call('PTTL', KEYS[1]), 0)`,
  sha: '8b234057b2a7449fa8f32ec42baf6a573cecb71e',
}

export const COMMIT: Script = {
  source: `local v = redis.call('GET', KEYS[1])
if v and v ~= ARGV[1] and v ~= '1' then return 0 end
redis.call('SET', KEYS[1], '1', 'PX', ARGV[2])
return 1`,
  sha: '9afa56551a60f7dd21c217888eb6e00c7be6d43b',
}

export const RELEASE: Script = {
  source: `if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`,
  sha: '708b61c8defb6a8962235c40975ef70c7ff1a0e0',
}

export const LOAD: Script = {
  source: `return redis.call('GET', KEYS[1])`,
  sha: 'd3c21d0c2b9ca22f82737626a27bcaf5d288f99f',
}

/** Stores a text that ends in a space and its version. Returns 0 if the stored text has the same or a higher version. */
export const SAVE: Script = {
  source: `local v = redis.call('GET', KEYS[1])
local stored = v and tonumber(string.match(v, ' (%d+)$')) or 0
if stored >= tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[3])
return 1`,
  sha: '62c6b442e675bd6adeac6aa1d169ebb4a8320bc2',
}
