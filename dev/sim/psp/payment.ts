export type PaymentStatus =
  | "READY"
  | "IN_PROGRESS"
  | "WAITING_FOR_DEPOSIT"
  | "DONE"
  | "CANCELED"
  | "PARTIAL_CANCELED"
  | "ABORTED"
  | "EXPIRED";

export type Method = "card" | "easyPay" | "virtualAccount" | "declinedCard";

/** What the shop gave its order to carry. */
export type Metadata = Readonly<Record<string, string>>;

/** Toss's Payment object, version 2022-11-16, as it goes over the wire. */
export interface Payment {
  mId: string;
  version: "2022-11-16";
  paymentKey: string;
  orderId: string;
  orderName: string;
  type: "NORMAL";
  currency: "KRW";
  country: "KR";
  status: PaymentStatus;
  method: string | null;
  totalAmount: number;
  balanceAmount: number;
  suppliedAmount: number;
  vat: number;
  taxFreeAmount: 0;
  taxExemptionAmount: 0;
  requestedAt: string;
  approvedAt: string | null;
  lastTransactionKey: string | null;
  useEscrow: false;
  cultureExpense: false;
  isPartialCancelable: boolean;
  cancels: Cancel[] | null;
  card: Card | null;
  easyPay: { provider: string; amount: number; discountAmount: number } | null;
  virtualAccount: VirtualAccount | null;
  transfer: null;
  mobilePhone: null;
  giftCertificate: null;
  cashReceipt: null;
  cashReceipts: null;
  discount: null;
  metadata: Metadata | null;
  secret: string | null;
  failure: { code: string; message: string } | null;
  receipt: { url: string } | null;
  checkout: { url: string };
}

export interface Cancel {
  transactionKey: string;
  cancelReason: string;
  canceledAt: string;
  cancelAmount: number;
  taxFreeAmount: 0;
  refundableAmount: number;
  cancelStatus: "DONE";
  receiptKey: null;
}

export interface Card {
  issuerCode: string;
  acquirerCode: string;
  number: string;
  installmentPlanMonths: number;
  isInterestFree: false;
  approveNo: string;
  useCardPoint: false;
  cardType: string;
  ownerType: string;
  acquireStatus: string;
  amount: number;
}

export interface VirtualAccount {
  accountNumber: string;
  bankCode: string;
  customerName: string;
  dueDate: string;
  expired: false;
  settlementStatus: string;
  refundStatus: string;
}

/** A payment with the internal data of the PSP. */
export interface PaymentRecord {
  payment: Payment;
  successUrl: string;
  failUrl: string;
  openedAtMs: number;
  authenticatedAtMs: number | undefined;
  lastCancelAtMs: number | undefined;
  chosen: Method | undefined;
}

export interface OpenRequest {
  orderId: string;
  orderName: string;
  amount: number;
  metadata?: Metadata | undefined;
  successUrl: string;
  failUrl: string;
}

export function createRecord(request: OpenRequest, paymentKey: string): PaymentRecord {
  const nowMs = Date.now();
  const vat = Math.round(request.amount / 11);
  const payment: Payment = {
    mId: "questioncloud",
    version: "2022-11-16",
    paymentKey,
    orderId: request.orderId,
    orderName: request.orderName,
    type: "NORMAL",
    currency: "KRW",
    country: "KR",
    status: "READY",
    method: null,
    totalAmount: request.amount,
    balanceAmount: request.amount,
    suppliedAmount: request.amount - vat,
    vat,
    taxFreeAmount: 0,
    taxExemptionAmount: 0,
    requestedAt: koreanTime(nowMs),
    approvedAt: null,
    lastTransactionKey: null,
    useEscrow: false,
    cultureExpense: false,
    isPartialCancelable: true,
    cancels: null,
    card: null,
    easyPay: null,
    virtualAccount: null,
    transfer: null,
    mobilePhone: null,
    giftCertificate: null,
    cashReceipt: null,
    cashReceipts: null,
    discount: null,
    metadata: request.metadata ?? null,
    secret: null,
    failure: null,
    receipt: null,
    checkout: { url: `https://api.tosspayments.example/v1/payments/${paymentKey}/checkout` },
  };
  return {
    payment,
    successUrl: request.successUrl,
    failUrl: request.failUrl,
    openedAtMs: nowMs,
    authenticatedAtMs: undefined,
    lastCancelAtMs: undefined,
    chosen: undefined,
  };
}

/** Toss writes times in Korean time with its offset. */
export function koreanTime(atMs: number): string {
  return `${new Date(atMs + 9 * 3_600_000).toISOString().slice(0, 19)}+09:00`;
}
