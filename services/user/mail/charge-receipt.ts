import type { ChargeReceipt } from "../domain/mail.ts";
import type { User } from "../domain/user.ts";
import { formatPoints, formatTime } from "./format.ts";
import { html } from "./html.ts";
import { button, facts, layout } from "./layout.ts";
import type { ComposedMail } from "./mailer.ts";

/** The receipt for charged points. One point costs one won. */
export function chargeReceiptMail(
  { name, email }: Pick<User, "name" | "email">,
  receipt: ChargeReceipt,
): ComposedMail {
  const rows = [
    ["충전 포인트", formatPoints(receipt.amountPoints)],
    ["결제 금액", `${BigInt(receipt.amountPoints).toLocaleString("ko-KR")}원`],
    ["충전 일시", formatTime(receipt.chargeTime)],
    ["충전 번호", receipt.chargeId],
  ] as const;
  const greeting = `${name}님, 포인트 충전이 완료되었습니다.`;
  const hasReceipt = /^https?:\/\//.test(receipt.receiptUrl);
  return {
    to: { name, email },
    subject: `[QuestionCloud] 포인트 충전 안내 (${formatPoints(receipt.amountPoints)})`,
    html: layout({
      title: "포인트 충전",
      body: html`<p>${greeting}</p>
${facts(rows)}
${hasReceipt ? button({ url: receipt.receiptUrl, label: "영수증 보기" }) : ""}`,
    }),
    text: `${greeting}

${rows.map(([label, value]) => `${label}: ${value}`).join("\n")}
${hasReceipt ? `영수증: ${receipt.receiptUrl}\n` : ""}`,
  };
}
