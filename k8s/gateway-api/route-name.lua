
-- Envoy Gateway names a route after its object, and no policy gives a route metadata, so the name says what is patched:
-- <service>-<rate>-token-<token>-<timeout>[-repeatable][-hedged], or one of those that refuse.

function refusal_of(handle)
  local kind, name = string.match(handle:streamInfo():routeName(), "^(%l+)route/[^/]+/([^/]+)/")
  if not name then
    return nil
  end
  local refusal = refusals[string.match(name, "only%-[%l-]+$") or name]
  if refusal then
    return refusal
  end
  local headers = handle:headers()
  local number, unit = string.match(name, "%-token%-%l+%-(%d+)(m?s)")
  local timeout_ms = unit == "s" and number * 1000 or tonumber(number)
  -- The rules of the Gateway API cannot say that gRPC is POST alone, nor Envoy Gateway its timeout without connections
  -- for each route.
  if kind == "grpc" then
    if headers:get(":method") ~= "POST" then
      return refusals[verbs_of[headers:get(":path")] or "only-post"]
    end
    headers:replace("x-envoy-upstream-rq-timeout-ms", string.format("%d", timeout_ms))
  end
  -- Nor do they hedge.
  if string.find(name, "-repeatable", 1, true) then
    local hedged = string.find(name, "-hedged", 1, true)
    local try_ms = hedged and hedge_after_ms or timeout_ms * try_share_of_time
    headers:replace("x-envoy-upstream-rq-per-try-timeout-ms", string.format("%d", try_ms))
    headers:replace("x-envoy-hedge-on-per-try-timeout", hedged and "true" or "false")
  end
  handle:streamInfo():dynamicMetadata():set("gateway", "rate", string.match(name, "^%l+%-(%l+)%-"))
  return nil
end
