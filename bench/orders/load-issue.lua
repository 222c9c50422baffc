-- Asks for coupons of one policy, each time with the next token of a file.
-- ARGS: 1 file of tokens, read round and round; 2 id of the policy
-- Prints one line "RESULT {json}": times in microseconds.
function init(args)
  tokens = {}
  for token in io.lines(args[1]) do table.insert(tokens, token) end
  head = 'POST /api/v1/coupons/policies/' .. args[2] .. '/issue HTTP/1.1\r\nHost: bench\r\nContent-Length: 0\r\nAuthorization: Bearer '
  count = 0
end

function request()
  count = count + 1
  return head .. tokens[count % #tokens + 1] .. '\r\n\r\n'
end

function done(summary, latency, _)
  local errors = summary.errors
  print(string.format(
    'RESULT {"requests":%d,"durationUs":%d,"refused":%d,"broken":%d,"p50Us":%d,"p95Us":%d,"p99Us":%d}',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
