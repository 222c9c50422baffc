-- Removes a fact that may not be true any more.
-- KEYS: as for read-fact.lua. Returns how many keys there were.
return redis.call('DEL', unpack(KEYS))
