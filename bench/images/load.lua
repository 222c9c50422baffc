-- Reads files in turn.
-- ARGS: the paths; each may begin with "etag ", then the request is a revalidation
-- Prints one line "RESULT {json}": times in microseconds.
function init(args)
  paths = args
  count = 0
end

function request()
  count = count + 1
  local path = paths[count % #paths + 1]
  local etag = ''
  if path:sub(1, 5) == 'etag ' then
    path = path:sub(6)
    etag = 'If-None-Match: "' .. path:match('[^/]+$') .. '"\r\n'
  end
  return 'GET ' .. path .. ' HTTP/1.1\r\nHost: bench\r\n' .. etag .. '\r\n'
end

function done(summary, latency, _)
  local errors = summary.errors
  print(string.format(
    'RESULT {"requests":%d,"durationUs":%d,"refused":%d,"broken":%d,"p50Us":%d,"p95Us":%d,"p99Us":%d}',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
