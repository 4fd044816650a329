-- Runs before every filter that may refuse a request.

local languages = { ko = "ko", en = "en", ["*"] = "ko" }

-- The language of a person: the one of the two we speak that Accept-Language weighs most, the first of equals, and
-- Korean where it names neither. The services read the header in the same way.
local function language_of(accepted)
  local language, most = "ko", 0
  for range in string.gmatch(string.lower(accepted or ""), "[^,]+") do
    local tag, weight = string.match(range, "^%s*([%w*]+)[%w-]*%s*;%s*q=([%d.]+)%s*$")
    tag = tag or string.match(range, "^%s*([%w*]+)[%w-]*%s*$")
    weight = tonumber(weight or 1) or 0
    if languages[tag] and weight > most then
      language, most = languages[tag], weight
    end
  end
  return language
end

-- The JWT filter and the services know the scheme in one spelling.
local function respell_scheme(headers)
  local scheme, token = string.match(headers:get("authorization") or "", "^(%a+)%s+(%S+)$")
  if scheme and string.lower(scheme) == "bearer" then
    headers:replace("authorization", "Bearer " .. token)
  end
end

-- google.rpc.RequestInfo with the request id alone, as base64 without padding.
local function request_info(handle, id)
  return (string.gsub(handle:base64Escape("\n" .. string.char(#id) .. id), "=", ""))
end

-- The answer with which the route refuses, if it does. Others may say it in another way than by metadata.
function refusal_of(handle)
  return handle:metadata():get("refuse")
end

function envoy_on_request(handle)
  local headers = handle:headers()
  local metadata = handle:streamInfo():dynamicMetadata()
  metadata:set("gateway", "language", language_of(headers:get("accept-language")))
  metadata:set("gateway", "request_info", request_info(handle, headers:get("x-request-id")))
  local refusal = refusal_of(handle)
  if refusal then
    handle:respond(refusal)
    return
  end
  respell_scheme(headers)
end
