import type { PurchaseReceipt } from "../domain/mail.ts";
import type { User } from "../domain/user.ts";
import { formatPoints, formatTime } from "./format.ts";
import { html } from "./html.ts";
import { facts, layout } from "./layout.ts";
import type { ComposedMail } from "./mailer.ts";

const cellStyle = "padding:8px 0;border-bottom:1px solid #eee";

/** The receipt for purchased questions. */
export function purchaseReceiptMail(
  { name, email }: Pick<User, "name" | "email">,
  receipt: PurchaseReceipt,
): ComposedMail {
  const discountPoints = (BigInt(receipt.originalPoints) - BigInt(receipt.amountPoints)).toString();
  const totals = [
    ["정가 합계", formatPoints(receipt.originalPoints)],
    ["할인", formatPoints(discountPoints)],
    ["결제 금액", formatPoints(receipt.amountPoints)],
    ["결제 일시", formatTime(receipt.payTime)],
    ["구매 번호", receipt.purchaseId],
  ] as const;
  const greeting = `${name}님, 문제를 구매해 주셔서 감사합니다.`;
  const library = "구매하신 문제는 내 서재에서 바로 이용하실 수 있습니다.";
  const rows = receipt.lines.map(
    line =>
      html`<tr>
<td style="${cellStyle}">${line.title}<br><span style="color:#777;font-size:12px">${line.creatorName}</span></td>
<td style="${cellStyle};text-align:right;white-space:nowrap">${formatPoints(line.amountPoints)}</td>
</tr>`,
  );
  return {
    to: { name, email },
    subject: `[QuestionCloud] 구매 내역 안내 (${receipt.lines.length}건)`,
    html: layout({
      title: "구매 내역",
      body: html`<p>${greeting}</p>
<table style="width:100%;border-collapse:collapse;font-size:14px">${rows}</table>
${facts(totals)}
<p>${library}</p>`,
    }),
    text: `${greeting}

${receipt.lines.map(line => `- ${line.title} (${line.creatorName}): ${formatPoints(line.amountPoints)}`).join("\n")}

${totals.map(([label, value]) => `${label}: ${value}`).join("\n")}

${library}
`,
  };
}
