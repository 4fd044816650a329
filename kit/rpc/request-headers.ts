import type { IncomingHttpHeaders } from "node:http";
import { isIPv6 } from "node:net";
import type { RequestHeaders } from "#kit/contract/context.ts";

/** Names a request wherever it goes; set by the gateway, made here where there is none. */
export const requestIdHeader = "x-request-id";

/** The headers of a request; of those that may not be repeated, the first. */
export function readHeaders(headers: IncomingHttpHeaders): RequestHeaders {
  return new ReadHeaders(headers);
}

class ReadHeaders implements RequestHeaders {
  readonly #headers: IncomingHttpHeaders;

  constructor(headers: IncomingHttpHeaders) {
    this.#headers = headers;
  }

  get(name: string): string | null {
    const value = this.#headers[name];
    return typeof value === "string" ? value : null;
  }
}

/** The request id that the gateway or another service sent, or a new one. */
export function requestIdOf(headers: RequestHeaders): string {
  const sent = headers.get(requestIdHeader);
  return sent !== null && /^[\w-]{1,100}$/.test(sent) ? sent : crypto.randomUUID();
}

/** The client's address, of IPv6 its network: the last one that the gateway added, or else the peer. */
export function clientAddressOf(headers: RequestHeaders, peer = "unknown"): string {
  return networkOf(headers.get("x-forwarded-for")?.split(",").at(-1)?.trim() ?? peer);
}

// One client is given 2^64 addresses of IPv6, so a limit of each by itself would be none.
function networkOf(address: string): string {
  if (!address.includes(":") || !isIPv6(address) || address.includes("%")) {
    return address;
  }
  // In hexadecimal only, and as short as it can be.
  const [left = [], right] = new URL(`http://[${address}]`).hostname
    .slice(1, -1)
    .split("::")
    .map(half => half.split(":").filter(group => group !== ""));
  const zeros = Array<string>(8 - left.length - (right?.length ?? 0)).fill("0");
  const groups = [...left, ...zeros, ...(right ?? [])];
  if (groups.slice(0, 6).join(":") !== "0:0:0:0:0:ffff") {
    return `${groups.slice(0, 4).join(":")}::/64`;
  }
  const bytes = groups
    .slice(6)
    .flatMap(group => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]);
  return bytes.join(".");
}
