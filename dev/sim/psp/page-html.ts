import { escapeHtml } from "../escape-html.ts";
import type { Payment } from "./payment.ts";

const style = `
:root {
  color-scheme: light dark;
  --ink: #191f28; --soft: #6b7684; --line: #e5e8eb; --card: #fff; --back: #f2f4f6; --blue: #1b64da;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #f2f4f6; --soft: #a0a9b4; --line: #3a424c; --card: #20262e; --back: #14181d; --blue: #2f6fe0; }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 16px;
  background: var(--back); color: var(--ink);
  font: 16px/1.5 -apple-system, "Apple SD Gothic Neo", "Noto Sans KR", "Malgun Gothic", sans-serif;
}
main {
  width: 100%; max-width: 420px; padding: 24px;
  background: var(--card); border: 1px solid var(--line); border-radius: 16px;
}
h1 { margin: 0 0 4px; font-size: 20px; }
.note { margin: 0 0 20px; color: var(--soft); font-size: 14px; }
dl { margin: 0 0 20px; display: grid; grid-template-columns: auto 1fr; gap: 4px 16px; }
dt { color: var(--soft); }
dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
dd.amount { font-size: 22px; font-weight: 700; }
fieldset { margin: 0 0 20px; padding: 0; border: 0; display: grid; gap: 8px; }
legend { padding: 0 0 8px; font-weight: 600; }
label {
  display: flex; gap: 10px; align-items: center; min-height: 48px; padding: 0 14px;
  border: 1px solid var(--line); border-radius: 10px; cursor: pointer;
}
label:has(:checked) { border-color: var(--blue); box-shadow: inset 0 0 0 1px var(--blue); }
input { accent-color: var(--blue); width: 18px; height: 18px; margin: 0; }
button {
  width: 100%; min-height: 52px; border: 0; border-radius: 12px; font: inherit; font-weight: 600; cursor: pointer;
}
button.pay { background: var(--blue); color: #fff; }
button.cancel { margin-top: 8px; background: transparent; color: var(--soft); }
:focus-visible { outline: 3px solid var(--blue); outline-offset: 2px; }
`;

export function renderPaymentPage(payment: Payment): string {
  const amount = `${payment.totalAmount.toLocaleString("ko-KR")}원`;
  return renderDocument(`
<h1>결제하기</h1>
<p class="note">시험용 결제창입니다. 실제 돈은 나가지 않습니다.</p>
<dl>
  <dt>상품</dt><dd>${escapeHtml(payment.orderName)}</dd>
  <dt>주문번호</dt><dd>${escapeHtml(payment.orderId)}</dd>
  <dt>결제 금액</dt><dd class="amount">${escapeHtml(amount)}</dd>
</dl>
<form method="post" action="/pay">
  <input type="hidden" name="paymentKey" value="${escapeHtml(payment.paymentKey)}">
  <fieldset>
    <legend>결제 수단</legend>
    <label><input type="radio" name="method" value="card" checked> 신용·체크카드</label>
    <label><input type="radio" name="method" value="easyPay"> 간편결제</label>
    <label><input type="radio" name="method" value="declinedCard"> 한도초과 카드 (승인 거절 시험)</label>
  </fieldset>
  <button class="pay" name="action" value="pay">${escapeHtml(amount)} 결제하기</button>
  <button class="cancel" name="action" value="cancel">취소</button>
</form>`);
}

export function renderNotice(text: string): string {
  return renderDocument(`<h1>결제를 진행할 수 없습니다</h1><p class="note">${escapeHtml(text)}</p>`);
}

function renderDocument(content: string): string {
  return `<!doctype html>
<html lang="ko">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>결제</title>
<style>${style}</style>
</head>
<body><main>${content}</main></body>
</html>
`;
}
