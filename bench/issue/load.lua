-- Sends issue requests, each with the next token of a file. No response callback: it would cost wrk a third of its speed.
-- ARGS: 1 prefix of the token files (thread n reads <prefix>.<n>), 2 file of policy ids (used in turn)
-- Prints one line "RESULT {json}": times in microseconds; wrapped = 1 when a token file was used up and read again.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
  thread:set('number', #threads)
  thread:set('wrapped', 0)
end

function init(args)
  local name = args[1] .. '.' .. number
  tokens = assert(io.open(name))
  heads = {}
  for policy in io.lines(args[2]) do
    table.insert(heads, 'POST /api/v1/coupons/policies/' .. policy
      .. '/issue HTTP/1.1\r\nHost: bench\r\nContent-Length: 0\r\nAuthorization: Bearer ')
  end
  turn = 0
end

function request()
  local token = tokens:read('*l')
  if token == nil then
    wrapped = 1
    tokens:seek('set')
    token = tokens:read('*l')
  end
  turn = turn % #heads + 1
  return heads[turn] .. token .. '\r\n\r\n'
end

function done(summary, latency, _)
  local wraps = 0
  for _, thread in ipairs(threads) do wraps = math.max(wraps, thread:get('wrapped')) end
  local errors = summary.errors
  print(string.format(
    'RESULT {"requests":%d,"durationUs":%d,"refused":%d,"broken":%d,"p50Us":%d,"p95Us":%d,"p99Us":%d,"wrapped":%d}',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(95), latency:percentile(99), wraps))
end
