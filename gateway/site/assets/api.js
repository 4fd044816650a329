const apiUrl = document.querySelector('meta[name="api-url"]')?.content ?? "";

/** A refused call: `reason` from the catalog, `message` in Korean. */
export class Refusal extends Error {
  constructor(status, body) {
    super(readText(body) ?? "서비스를 잠시 이용할 수 없습니다.");
    this.status = status;
    this.code = body?.code ?? "unavailable";
    this.reason = readDetail(body, "google.rpc.ErrorInfo")?.get(1);
  }
}

/** Calls a method with Connect JSON. Rejects with a Refusal, even if there is no answer. */
export async function call(path, message, { token } = {}) {
  const headers = { "content-type": "application/json", "connect-protocol-version": "1" };
  if (token) {
    headers.authorization = `Bearer ${token}`;
  }
  return send(`${apiUrl}/${path}`, {
    method: "POST",
    headers,
    body: JSON.stringify(message),
    credentials: "include",
  });
}

/** Calls a method without side effects with GET, so that the answer can come from a cache. */
export async function read(path, message, { token } = {}) {
  const query = new URLSearchParams({
    connect: "v1",
    encoding: "json",
    message: JSON.stringify(message),
  });
  return send(`${apiUrl}/${path}?${query}`, token ? { headers: { authorization: `Bearer ${token}` } } : {});
}

async function send(url, init) {
  let response;
  try {
    response = await fetch(url, { ...init, signal: AbortSignal.timeout(40_000) });
  } catch {
    throw new Refusal(0, undefined);
  }
  const body = await response.json().catch(() => undefined);
  if (!response.ok) {
    throw new Refusal(response.status, body);
  }
  return body ?? {};
}

function readText(body) {
  return readDetail(body, "google.rpc.LocalizedMessage")?.get(2) ?? body?.message;
}

/** The text fields of an error detail, by their numbers. */
function readDetail(body, type) {
  const value = body?.details?.find(detail => detail.type === type)?.value;
  if (typeof value !== "string") {
    return undefined;
  }
  const bytes = Uint8Array.from(atob(value), character => character.charCodeAt(0));
  return readTexts(bytes);
}

/** Reads a protobuf message up to the first field that is neither text nor a message. */
function readTexts(bytes) {
  const texts = new Map();
  let offset = 0;
  const readVarint = () => {
    let result = 0;
    for (let shift = 0; shift < 28 && offset < bytes.length; shift += 7) {
      const byte = bytes[offset++];
      result |= (byte & 0x7f) << shift;
      if (byte < 0x80) {
        break;
      }
    }
    return result;
  };
  while (offset < bytes.length) {
    const tag = readVarint();
    if ((tag & 7) !== 2) {
      break;
    }
    const length = readVarint();
    texts.set(tag >> 3, new TextDecoder().decode(bytes.subarray(offset, offset + length)));
    offset += length;
  }
  return texts;
}
