/** A Lua script that Redis runs as one atomic step, and its SHA-1. */
export interface Script {
  readonly source: string
  readonly sha: string
}

// Each script names its one key, so a cluster can route it. A claim is stored as `t`, the digest of the body, a space and the token;
// a delivery that is done as `1` and the digest. A digest holds no space.

/** Returns -1 for claimed, -2 for done, otherwise the milliseconds until the other claim expires. The stored digest follows after a space. */
export const CLAIM: Script = {
  source: `local v = redis.call('GET', KEYS[1])
if not v or v == ARGV[1] or string.match(v, ' (.*)') == string.match(ARGV[1], ' (.*)') then
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
  return -1
end
local kind, digest = string.match(v, '^(.)([^ ]*)')
local left = kind == '1' and -2 or math.max(redis.call('PTTL', KEYS[1]), 0)
return digest == '' and left or left .. ' ' .. digest`,
  sha: '823ce9abcbdb20db4f61c5340d19d56e1d940c15',
}

export const COMMIT: Script = {
  source: `local v = redis.call('GET', KEYS[1])
if v and v ~= ARGV[1] and string.sub(v, 1, 1) ~= '1'
  and string.match(v, ' (.*)') ~= string.match(ARGV[1], ' (.*)') then return 0 end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[2])
return 1`,
  sha: '8f44d7456a7afb125bac311c787de885c84a0d42',
}

export const RELEASE: Script = {
  source: `local v = redis.call('GET', KEYS[1])
if not v or string.match(v, ' (.*)') ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])`,
  sha: '2711c379b1c4358df07b207a6a6b63bdc92eb13b',
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
