import { type Card, koreanTime, type Method, type Payment, type VirtualAccount } from "./payment.ts";

/** The details of the chosen method, filled in when the buyer has authenticated. */
export function methodDetails(method: Method, amount: number): Partial<Payment> {
  switch (method) {
    case "card":
    case "declinedCard":
      return { method: "카드", card: createCard(amount) };
    case "easyPay":
      return { method: "간편결제", easyPay: { provider: "토스페이", amount, discountAmount: 0 } };
    case "virtualAccount":
      return { method: "가상계좌" };
  }
}

export function createVirtualAccount(nowMs: number): VirtualAccount {
  return {
    accountNumber: "X6505636518308",
    bankCode: "20",
    customerName: "시험구매자",
    dueDate: koreanTime(nowMs + 7 * 86_400_000),
    expired: false,
    settlementStatus: "INCOMPLETED",
    refundStatus: "NONE",
  };
}

function createCard(amount: number): Card {
  return {
    issuerCode: "71",
    acquirerCode: "71",
    number: "12345678****000*",
    installmentPlanMonths: 0,
    isInterestFree: false,
    approveNo: "00000000",
    useCardPoint: false,
    cardType: "신용",
    ownerType: "개인",
    acquireStatus: "READY",
    amount,
  };
}
