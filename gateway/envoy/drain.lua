-- Starts the drain of the public listener. The route answers when load balancers have had `notice_s` seconds to learn
-- that this gateway ends and nothing is in flight any more, or after `limit_s` seconds.

local function call(handle, cluster, method, path)
  local headers = { [":method"] = method, [":path"] = path, [":authority"] = cluster }
  local _, body = handle:httpCall(cluster, headers, nil, 5000)
  return body or ""
end

local function is_idle(handle)
  local gauges = call(handle, "admin", "GET", "/stats?filter=^http\\.ingress\\.downstream_")
  return string.find(gauges, "downstream_rq_active: 0\n", 1, true)
    and string.find(gauges, "downstream_cx_tx_bytes_buffered: 0\n", 1, true)
end

function envoy_on_request(handle)
  call(handle, "admin", "POST", "/drain_listeners?graceful&inboundonly&skip_exit")
  for second = 1, limit_s do
    call(handle, "second", "GET", "/")
    if second >= notice_s and is_idle(handle) then
      return
    end
  end
end
