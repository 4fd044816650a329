import { renderDocument } from "../document.ts";
import { escapeHtml } from "../escape-html.ts";
import type { Payment } from "./payment.ts";

export function renderPaymentPage(payment: Payment): string {
  const amount = `${payment.totalAmount.toLocaleString("ko-KR")}원`;
  return renderDocument(
    "결제",
    `
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
  <button class="main" name="action" value="pay">${escapeHtml(amount)} 결제하기</button>
  <button class="other" name="action" value="cancel">취소</button>
</form>`,
  );
}

export function renderNotice(text: string): string {
  return renderDocument("결제", `<h1>결제를 진행할 수 없습니다</h1><p class="note">${escapeHtml(text)}</p>`);
}
