-- Reads a committed fact by which the caller may refuse requests. Writes nothing.
-- KEYS[1]: hash of the fact. KEYS[2], where the fact has members: hash from each of them to its value, with the field "complete".
-- ARGV[1]: for how many ms after its reading a fact is trusted. ARGV[2]: the time of the database in ms, as the caller estimates it.
-- ARGV[3 …]: members that want something.
-- Returns the time of this server in ms, which the caller gives to record-fact.lua. Where there is a fact, then also for how many ms it may refuse
-- from now on, its epoch, its sequence number, and for each member 1 (go on), -1 (sold out) or its value (already issued).
local trust, database = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local fact = redis.call('HMGET', KEYS[1], 'at', 'read', 'epoch', 'sequence', 'until')
if not fact[1] then return { now } end

-- Both the clock of this server and that of the database have to say that it is young: a clock that was set back makes old facts look so.
local at, read = tonumber(fact[1]), tonumber(fact[2])
local left = math.min(trust - (now - at), trust - (database - read))
if left <= 0 or left > trust or now < at or database < read or database >= tonumber(fact[5]) then return { now } end

local reply = { now, left, tonumber(fact[3]), tonumber(fact[4]) }
if #ARGV == 2 then return reply end
local members = redis.call('HMGET', KEYS[2], 'complete', unpack(ARGV, 3))
local has_all = members[1] == fact[3] .. ' ' .. fact[4]
for index = 2, #members do
  -- Without all members one that is not listed may still have something.
  reply[#reply + 1] = has_all and (members[index] or -1) or 1
end
return reply
