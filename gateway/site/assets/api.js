const apiUrl = document.querySelector('meta[name="api-url"]')?.content ?? "";

/** A refused call: `reason` from the catalog, `message` for people. */
export class Refusal extends Error {
  constructor(status, body) {
    const text = findDetail(body, "google.rpc.LocalizedMessage")?.message;
    super(text ?? body?.message ?? "서비스를 잠시 이용할 수 없습니다.");
    this.status = status;
    this.code = body?.code ?? "unavailable";
    this.reason = findDetail(body, "google.rpc.ErrorInfo")?.reason;
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

/** An error detail in its readable form. */
function findDetail(body, type) {
  return body?.details?.find(detail => detail.type === type)?.debug;
}
