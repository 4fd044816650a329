import type { PgAnswer } from "./pg.ts";
import { meaningOf, tossAnswers } from "./toss-answers.ts";
import type { TossReply } from "./toss-http.ts";
import type { TossPayment } from "./toss-payment.ts";

export interface TossLog {
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

type NoPayment = Exclude<TossReply<TossPayment>, { kind: "body" }>;

/** Turns replies that are no payment into answers, and tells the log what people must see. */
export function createTossOutcomes(log: TossLog | undefined) {
  /** After a confirm or a cancel; `query` asks for the payment when an earlier request may have done it. */
  async function ofChange(
    reply: NoPayment,
    asked: object,
    query: () => Promise<PgAnswer>,
  ): Promise<PgAnswer> {
    if (reply.kind === "nothing") return ofNothing(reply, asked);
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

  /** After a mere question. */
  function ofQuestion(reply: NoPayment, asked: object): PgAnswer {
    if (reply.kind === "nothing") return ofNothing(reply, asked);
    const { code, message } = reply;
    if (code === "NOT_FOUND_PAYMENT") return { outcome: "notYet" };
    noteCode(code, message, asked);
    return { outcome: "unknown", cause: meaningOf(code) === "refused" ? "refused" : "temporary", code };
  }

  function ofMismatch(asked: object, got: object): PgAnswer {
    log?.error(
      { asked: toFields(asked), got: toFields(got) },
      "Toss answered about another payment or amount",
    );
    return { outcome: "unknown", cause: "mismatch" };
  }

  function ofNothing({ cause, detail }: Extract<NoPayment, { kind: "nothing" }>, asked: object): PgAnswer {
    log?.warn({ ...toFields(asked), cause, detail }, "no answer from Toss");
    return { outcome: "unknown", cause };
  }

  function noteCode(code: string, message: string, asked: object): void {
    const fields = { ...toFields(asked), code, reply: message };
    if (meaningOf(code) === "refused") log?.error(fields, "Toss refused our request");
    else if (!tossAnswers.has(code)) log?.error(fields, "Toss answered with a code that is not in our table");
  }

  return { ofChange, ofQuestion, ofMismatch };
}

const logged = ["chargeId", "orderId", "paymentKey", "amountPoints", "totalAmount", "status"];

/** The part of a request or payment that may stand in a log. */
function toFields(value: object): Record<string, unknown> {
  const entries = Object.entries(value).filter(([name]) => logged.includes(name));
  return Object.fromEntries(
    entries.map(([name, field]) => [name, typeof field === "bigint" ? String(field) : field]),
  );
}
