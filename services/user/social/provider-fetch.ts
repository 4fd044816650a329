import type { CustomFetch } from "openid-client";
import { socialProviderUnavailable } from "../failures.ts";

// Metadata, keys, tokens and profiles are a few kilobytes.
const maxAnswerBytes = 1_048_576;

/**
 * Calls a provider. Throws SOCIAL_PROVIDER_UNAVAILABLE where it does not answer within `timeoutMs`, or with an error of
 * its own; and the reason of the signal where that aborts.
 */
export function createProviderFetch(timeoutMs: number, signal: AbortSignal): CustomFetch {
  return async (url, init) => {
    let response: Response;
    try {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      response = await fetch(url, { ...(init as RequestInit), signal: limit });
      // The time limit covers the body, which is read here and no later.
      response = new Response(await readBounded(response), response);
    } catch (error) {
      signal.throwIfAborted();
      throw socialProviderUnavailable(describe(url, error instanceof Error ? error.message : "failed"));
    }
    if (response.status >= 500 || response.status === 429) {
      throw socialProviderUnavailable(describe(url, `status ${response.status}`));
    }
    return response;
  };
}

/** Throws where a body, decompressed, is larger than an answer of a provider is; the rest is not received. */
async function readBounded(response: Response): Promise<Blob | null> {
  if (response.body === null) {
    return null;
  }
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > maxAnswerBytes) {
      throw new Error(`the answer is larger than ${maxAnswerBytes} bytes`);
    }
    chunks.push(chunk);
  }
  return new Blob(chunks);
}

/** The path of a call and what happened to it, without the parameters, which may be secrets. */
function describe(url: string, text: string): Error {
  const { origin, pathname } = new URL(url);
  return new Error(`${origin}${pathname}: ${text}`);
}
