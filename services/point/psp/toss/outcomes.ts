import type { PspAnswer, PspLog } from "../psp.ts";
import { meaningOf, tossAnswers } from "./answers.ts";
import type { TossReply } from "./http.ts";
import type { TossPayment } from "./payment.ts";

type NoPayment = Exclude<TossReply<TossPayment>, { kind: "body" }>;

/** Turns replies other than a payment into answers, and logs those that need an operator. */
export function createTossOutcomes(log: PspLog) {
  /** After a confirm or a cancel; `query` asks for the payment when an earlier request may have done it. */
  async function ofChange(
    reply: NoPayment,
    asked: object,
    query: () => Promise<PspAnswer>,
  ): Promise<PspAnswer> {
    if (reply.kind === "nothing") {
      return ofNothing(reply, asked);
    }
    const { code, message } = reply;
    noteCode(code, message, asked);
    switch (meaningOf(code)) {
      case "declined":
        return { outcome: "declined", code, message };
      case "refused":
        return { outcome: "unknown", cause: "refused", code };
      case "running":
        return { outcome: "unknown", cause: "running", code };
      case "temporary":
        return { outcome: "unknown", cause: "temporary", code };
      case "query": {
        const found = await query();
        const contradicts = found.outcome === "notYet" && code.startsWith("ALREADY_");
        return contradicts ? { outcome: "unknown", cause: "temporary", code } : found;
      }
    }
  }

  /** After a read, which changed nothing at Toss. */
  function ofQuestion(reply: NoPayment, asked: object): PspAnswer {
    if (reply.kind === "nothing") {
      return ofNothing(reply, asked);
    }
    const { code, message } = reply;
    if (code === "NOT_FOUND_PAYMENT") {
      return { outcome: "notYet" };
    }
    noteCode(code, message, asked);
    return { outcome: "unknown", cause: meaningOf(code) === "refused" ? "refused" : "temporary", code };
  }

  function ofMismatch(asked: object, got: object): PspAnswer {
    log.error(
      { asked: toFields(asked), got: toFields(got) },
      "toss answer mismatched, it is about another payment or amount",
    );
    return { outcome: "unknown", cause: "mismatch" };
  }

  function ofNothing({ cause, detail }: Extract<NoPayment, { kind: "nothing" }>, asked: object): PspAnswer {
    if (cause !== "stopped") {
      log.warn({ ...toFields(asked), cause, detail }, "toss request failed");
    }
    return { outcome: "unknown", cause };
  }

  function noteCode(code: string, message: string, asked: object): void {
    if (meaningOf(code) === "refused" || !tossAnswers.has(code)) {
      const what = tossAnswers.has(code)
        ? "toss request refused"
        : "toss answer not understood, its code is unknown";
      log.error({ ...toFields(asked), code, reply: message }, what);
    }
  }

  return { ofChange, ofQuestion, ofMismatch };
}

const logged = ["chargeId", "orderId", "paymentKey", "amountPoints", "totalAmount", "status"];

/** The part of a request or payment that may be logged. */
function toFields(value: object): Record<string, unknown> {
  const entries = Object.entries(value).filter(([name]) => logged.includes(name));
  return Object.fromEntries(
    entries.map(([name, field]) => [name, typeof field === "bigint" ? String(field) : field]),
  );
}
