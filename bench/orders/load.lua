-- Sends orders of one unit at a time sale, each with the next token of a file and a key of its own.
-- ARGS: 1 file of tokens, read round and round; 2 id of the time sale; 3 prefix of the keys
-- Prints one line "RESULT {json}": times in microseconds.
function init(args)
  tokens = {}
  for token in io.lines(args[1]) do table.insert(tokens, token) end
  head = 'POST /api/v1/time-sales/' .. args[2] .. '/orders HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json\r\n'
    .. 'Content-Length: 14\r\nIdempotency-Key: ' .. args[3]
  count = 0
end

function request()
  count = count + 1
  return head .. count .. '\r\nAuthorization: Bearer ' .. tokens[count % #tokens + 1] .. '\r\n\r\n{"quantity":1}'
end

function done(summary, latency, _)
  local errors = summary.errors
  print(string.format(
    'RESULT {"requests":%d,"durationUs":%d,"refused":%d,"broken":%d,"p50Us":%d,"p95Us":%d,"p99Us":%d}',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
