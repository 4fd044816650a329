/** Names a request wherever it goes; set by the gateway, made here where there is none. */
export const requestIdHeader = "x-request-id";

/** The request id that the gateway or another service sent, or a new one. */
export function requestIdOf(headers: Headers): string {
  const sent = headers.get(requestIdHeader);
  return sent !== null && /^[\w-]{1,100}$/.test(sent) ? sent : crypto.randomUUID();
}

/** The client's address: the last one that the gateway added, or else the peer. */
export function clientAddressOf(headers: Headers, peer: string): string {
  return headers.get("x-forwarded-for")?.split(",").at(-1)?.trim() ?? peer.replace(/:\d+$/, "");
}
