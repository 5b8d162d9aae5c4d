-- Asks for the paths that come after `--`, one after the other and again, and prints what was measured as one line:
-- the median and the 99th percentile in microseconds, answers in a second, and how many failed.

local asked, at = {}, 0

function init(args)
  for number, path in ipairs(args) do asked[number] = wrk.format("GET", path) end
end

function request()
  at = at % #asked + 1
  return asked[at]
end

function done(summary, latency)
  local errors = summary.errors
  local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
  local each_second = summary.requests / (summary.duration / 1e6)
  io.write(string.format("measured %d %d %.1f %d\n", latency:percentile(50), latency:percentile(99), each_second, failed))
end
