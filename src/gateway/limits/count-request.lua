-- Counts requests of one caller within a window.
-- KEYS[1]: the counter, which ends with its window. ARGV[1]: how many requests. ARGV[2]: the length of a new window in ms.
-- Returns the requests so far in this window, and the ms until its end.
local points = redis.call('INCRBY', KEYS[1], ARGV[1])
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  left = tonumber(ARGV[2])
end
return { points, left }
