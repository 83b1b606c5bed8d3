-- wrk: sends the bodies of a file in turn, so that no two neighbouring requests ask for the same; prints figures as JSON.
-- Arguments: the file (a JSON body per line), then the bearer token or "-".

local formatted, turn = {}, 0

function init(arguments)
  local headers = { ["Content-Type"] = "application/json", ["Accept"] = "application/json" }
  if arguments[2] ~= "-" then
    headers["Authorization"] = "Bearer " .. arguments[2]
  end
  for body in io.lines(arguments[1]) do
    formatted[#formatted + 1] = wrk.format("POST", nil, headers, body)
  end
end

function request()
  turn = turn % #formatted + 1
  return formatted[turn]
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  io.write(string.format(
    '\n{"requests": %d, "seconds": %.6f, "bytes": %d, "failed": %d, "p50": %.3f, "p99": %.3f}\n',
    summary.requests, summary.duration / 1e6, summary.bytes, failed,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
