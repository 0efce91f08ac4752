/** A Lua script that Redis runs as one atomic step, and its SHA-1. */
export interface Script {
  readonly source: string
  readonly sha: string
}

// Each script names its one key, so a cluster can route it. A claim is stored as the digest of the body, a space and the token;
// a delivery that is done as the digest, or as `1` if there is none. A digest holds no space.

/** Returns -1 for claimed, -2 for done, otherwise the milliseconds until the other claim expires. The stored digest follows after a space. */
export const CLAIM: Script = {
  source: `local v = redis.call('GET', KEYS[1])
local token = v and string.match(v, ' (.*)')
if not v or token == ARGV[1] then
  redis.call('SET', KEYS[1], ARGV[3] .. ' ' .. ARGV[1], 'PX', ARGV[2])
  return -1
end
local left = token and math.max(redis.call('PTTL', KEYS[1]), 0) or -2
local digest = string.match(v, '^[^ ]*')
if digest == '' or digest == '1' then return left end
return left .. ' ' .. digest`,
  sha: '13d51db83a77da6e9b1bc86c06fff87e448b7b71',
}

export const COMMIT: Script = {
  source: `local v = redis.call('GET', KEYS[1])
local token = v and string.match(v, ' (.*)')
if token and token ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[3], 'PX', ARGV[2])
return 1`,
  sha: 'c82c37012d247c5630187bb0c7f39d6d671c0642',
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
