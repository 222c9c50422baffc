-- Sends charges, each with the next token of a file and a key of its own, or reads balances of users in turn, or asks /readyz,
-- which is a `select 1`.
-- ARGS: 1 file of tokens, read round and round; 2 "charge", "balance" or "ready"; 3 prefix of the keys, or how many users there are
-- Prints one line "RESULT {json}": times in microseconds.
function init(args)
  tokens = {}
  for token in io.lines(args[1]) do table.insert(tokens, token) end
  what, third = args[2], args[3]
  count = 0
end

function request()
  count = count + 1
  local token = tokens[count % #tokens + 1]
  if what == 'balance' then
    -- A step that no number of users divides: neighbours are not read together.
    local user = (count * 7919) % tonumber(third) + 1
    return 'GET /api/v1/points/users/' .. user .. '/balance HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer ' .. token .. '\r\n\r\n'
  end
  if what == 'ready' then return 'GET /readyz HTTP/1.1\r\nHost: bench\r\n\r\n' end
  return 'POST /api/v1/points/charge HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\nContent-Length: 12\r\n'
    .. 'Idempotency-Key: ' .. third .. count .. '\r\nAuthorization: Bearer ' .. token .. '\r\n\r\n{"amount":1}'
end

function done(summary, latency, _)
  local errors = summary.errors
  print(string.format(
    'RESULT {"requests":%d,"durationUs":%d,"refused":%d,"broken":%d,"p50Us":%d,"p95Us":%d,"p99Us":%d}',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
