-- Stores a committed fact unless a newer one is stored, for as long as it may refuse.
-- KEYS: as for read-fact.lua.
-- ARGV[1]: for how many ms after its reading a fact is trusted. ARGV[2]: the time of this server before the fact was read. ARGV[3]: that of the
-- database, as the caller estimates it. ARGV[4]: epoch. ARGV[5]: sequence number. ARGV[6]: when the fact ends in any case, in ms of the database.
-- ARGV[7 …]: all members, each followed by its value; nothing when the caller does not list them.
-- Returns 0: not stored, 1: stored, 2: stored, and all members are known.
local trust, at, epoch, sequence = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if now < at or now >= at + trust then return 0 end

local stored = redis.call('HMGET', KEYS[1], 'epoch', 'sequence', 'at')
if stored[1] then
  local stored_epoch, stored_sequence = tonumber(stored[1]), tonumber(stored[2])
  if epoch < stored_epoch or (epoch == stored_epoch and sequence < stored_sequence) then return 0 end
  if epoch == stored_epoch and sequence == stored_sequence then at = math.max(at, tonumber(stored[3])) end
end
if at == tonumber(ARGV[2]) then
  redis.call('HSET', KEYS[1], 'at', ARGV[2], 'read', ARGV[3], 'epoch', ARGV[4], 'sequence', ARGV[5], 'until', ARGV[6])
  redis.call('PEXPIREAT', KEYS[1], at + trust)
end

if not KEYS[2] then return 1 end
local state = ARGV[4] .. ' ' .. ARGV[5]
if #ARGV > 6 then
  redis.call('DEL', KEYS[2])
  -- unpack takes some thousand values at most.
  for from = 7, #ARGV, 1000 do redis.call('HSET', KEYS[2], unpack(ARGV, from, math.min(from + 999, #ARGV))) end
  redis.call('HSET', KEYS[2], 'complete', state)
end
if redis.call('HGET', KEYS[2], 'complete') ~= state then return 1 end
redis.call('PEXPIREAT', KEYS[2], at + trust)
return 2
