import { expect } from "chai";
import { reasonName, refusalOf } from "#kit/contract/failure.ts";
import { statusName } from "#kit/process/rpc-status.ts";
import { codeName } from "./callers.ts";
import type { Listeners } from "./listeners.ts";
import type { MalformedCall } from "./malformed/call.ts";
import { type RawAnswer, readRefusal } from "./raw-calls.ts";

/** Headers of a caller who would rather read English. */
export const englishHeaders = { "accept-language": "ko;q=0.5, en;q=0.8" };

/**
 * Expects that a call with these headers, or one in Korean, is refused with status, reason, texts and request id, and
 * that the service has counted it and logged one line with that id.
 */
export async function expectRefused(
  listeners: Listeners,
  send: () => Promise<RawAnswer>,
  call: Pick<MalformedCall, "verb" | "reason" | "status" | "fields"> & { readonly locale?: "ko-KR" },
): Promise<RawAnswer> {
  const before = await listeners.countCalls();
  const answer = await send();
  const reason = reasonName(call.reason);
  const { code, en, ko } = refusalOf(call.reason);
  const requestId = answer.headers.get("x-request-id") ?? "";
  expect(answer.status).to.equal(call.status);
  expect(answer.headers.get("cache-control")).to.equal("private, no-store");
  expect(listeners.linesOf(requestId).map(({ msg, reason, code }) => ({ msg, reason, code }))).to.deep.equal([
    { msg: "call refused", reason, code: statusName(code) },
  ]);
  expect(await listeners.countCalls()).to.equal(before + 1);
  // An answer to HEAD has no body.
  if (call.verb !== "HEAD") {
    const refusal = readRefusal(answer);
    expect(refusal).to.include({
      reason,
      domain: "questioncloud",
      code: codeName(code),
      text: en,
      locale: call.locale ?? "en-US",
      localizedText: call.locale === undefined ? en : ko,
      requestId,
    });
    expect(refusal?.fields).to.include.members([...(call.fields ?? [])]);
  }
  return answer;
}
