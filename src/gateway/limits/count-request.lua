-- Counts requests of one caller within a window.
-- KEYS[1]: the counter, which ends with its window. ARGV[1]: how many requests. ARGV[2]: the length of a new window in ms.
-- A counter without an end, or with one later than that of a new window, gets the end of a new window: the clock of Redis was set back, or
-- another program wrote it. Without this its caller would be refused until then.
-- Returns the requests so far in this window, and the ms until its end.
local points = redis.call('INCRBY', KEYS[1], ARGV[1])
local left = redis.call('PTTL', KEYS[1])
local window = tonumber(ARGV[2])
if left < 0 or left > window then
  redis.call('PEXPIRE', KEYS[1], ARGV[2])
  left = window
end
return { points, left }
