/**
 * One run is two hashes: what there is to know of each entry (expires|created|updated|type|bytes, times in milliseconds), and
 * the values. Scripts, so that what has expired, the limits and the values are looked at in one step.
 */

/** KEYS: known, values. ARGV: now, key, expires or '', type, bytes, value, most entries, most bytes, ms to keep. */
export const SET_SCRIPT = `
local now, key, count, bytes, created = tonumber(ARGV[1]), ARGV[2], 0, 0, ARGV[1]
local all = redis.call('HGETALL', KEYS[1])
for i = 1, #all, 2 do
  local expires, made, size = string.match(all[i + 1], '^(%d*)|(%d+)|%d+|%u+|(%d+)$')
  if expires ~= '' and tonumber(expires) <= now then
    redis.call('HDEL', KEYS[1], all[i])
    redis.call('HDEL', KEYS[2], all[i])
  elseif all[i] == key then created = made
  else
    count = count + 1
    bytes = bytes + tonumber(size)
  end
end
if count >= tonumber(ARGV[7]) then return 'ENTRIES' end
if bytes + tonumber(ARGV[5]) > tonumber(ARGV[8]) then return 'BYTES' end
local known = ARGV[3] .. '|' .. created .. '|' .. ARGV[1] .. '|' .. ARGV[4] .. '|' .. ARGV[5]
redis.call('HSET', KEYS[1], key, known)
redis.call('HSET', KEYS[2], key, ARGV[6])
redis.call('PEXPIRE', KEYS[1], ARGV[9])
redis.call('PEXPIRE', KEYS[2], ARGV[9])
return known`

/** KEYS: known, values. ARGV: now, then the wanted keys (none: all). Answers key, known, value, one after the other. */
export const READ_SCRIPT = `
local now, found, wanted = tonumber(ARGV[1]), {}, {}
if #ARGV > 1 then for i = 2, #ARGV do wanted[#wanted + 1] = ARGV[i] end
else wanted = redis.call('HKEYS', KEYS[1]) end
for _, key in ipairs(wanted) do
  local known = redis.call('HGET', KEYS[1], key)
  if known then
    local expires = string.match(known, '^(%d*)|')
    if expires ~= '' and tonumber(expires) <= now then
      redis.call('HDEL', KEYS[1], key)
      redis.call('HDEL', KEYS[2], key)
    else
      found[#found + 1] = key
      found[#found + 1] = known
      found[#found + 1] = redis.call('HGET', KEYS[2], key)
    end
  end
end
return found`

/** KEYS: known, values. ARGV: now, key. Answers key, known and value of what it deletes; nothing where nothing was. */
export const DELETE_SCRIPT = `
local key = ARGV[2]
local known, value = redis.call('HGET', KEYS[1], key), redis.call('HGET', KEYS[2], key)
redis.call('HDEL', KEYS[1], key)
redis.call('HDEL', KEYS[2], key)
if not known then return {} end
local expires = string.match(known, '^(%d*)|')
if expires ~= '' and tonumber(expires) <= tonumber(ARGV[1]) then return {} end
return { key, known, value }`
