import { expect } from "chai";
import { type RawAnswer, readRefusal } from "../rpc/raw-calls.ts";

/** What was sent, as it is stored in the corpus once it has failed. */
export interface Sent {
  readonly method: string;
  /** The content type, which names the protocol. */
  readonly type: string;
  /** Base64. */
  readonly body: string;
}

/** Expects an answer, or a refusal in the whole shape that is no fault of the service. */
export function expectSound(answer: RawAnswer, sent: Sent): void {
  const about = `add it to test/support/input/corpus.json:\n${JSON.stringify(sent)}\n`;
  expect(answer.status, about).to.be.below(500);
  const refusal = readRefusal(answer);
  if (refusal === undefined) {
    expect(answer.status, about).to.equal(200);
    return;
  }
  expect(refusal.code, about).not.to.be.oneOf(["Internal", "Unknown", "Unavailable", "DeadlineExceeded"]);
  expect(refusal.reason, about).to.be.a("string");
  expect(refusal.localizedText, about).to.match(/[가-힣]/);
  expect(refusal.requestId, about).to.equal(answer.headers.get("x-request-id"));
}
