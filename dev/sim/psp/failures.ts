const failures = {
  ALREADY_PROCESSED_PAYMENT: [400, "이미 처리된 결제 입니다."],
  ALREADY_CANCELED_PAYMENT: [400, "이미 취소된 결제 입니다."],
  BELOW_MINIMUM_AMOUNT: [400, "신용카드는 결제금액이 100원 이상, 계좌는 200원이상부터 결제가 가능합니다."],
  DUPLICATED_ORDER_ID: [
    400,
    "이미 승인 및 취소가 진행된 중복된 주문번호 입니다. 다른 주문번호로 진행해주세요.",
  ],
  EXCEED_MAX_AMOUNT: [400, "거래금액 한도를 초과했습니다."],
  INVALID_IDEMPOTENCY_KEY: [400, "멱등키는 300자 이하여야 합니다."],
  INVALID_REQUEST: [400, "잘못된 요청입니다."],
  INVALID_TRANSACTION_KEY: [400, "잘못된 페이징 키 입니다."],
  NOT_MATCHES_REFUNDABLE_AMOUNT: [400, "잔액 결과가 일치하지 않습니다."],
  PROVIDER_ERROR: [400, "일시적인 오류가 발생했습니다. 잠시 후 다시 시도해주세요."],
  INVALID_STOPPED_CARD: [400, "정지된 카드 입니다."],
  UNAUTHORIZED_KEY: [401, "인증되지 않은 시크릿 키 혹은 클라이언트 키 입니다."],
  FORBIDDEN_CONSECUTIVE_REQUEST: [403, "반복적인 요청은 허용되지 않습니다. 잠시 후 다시 시도해주세요."],
  FORBIDDEN_REQUEST: [403, "허용되지 않은 요청입니다."],
  INCORRECT_BASIC_AUTH_FORMAT: [403, "잘못된 요청입니다. ':' 를 포함해 인코딩해주세요."],
  NOT_ALLOWED_PARTIAL_REFUND_WAITING_DEPOSIT: [403, "입금 대기중인 결제는 부분 환불이 불가합니다."],
  NOT_CANCELABLE_AMOUNT: [403, "취소 할 수 없는 금액 입니다."],
  NOT_CANCELABLE_PAYMENT: [403, "취소 할 수 없는 결제 입니다."],
  REJECT_CARD_COMPANY: [403, "결제 승인이 거절되었습니다."],
  REJECT_CARD_PAYMENT: [403, "한도초과 혹은 잔액부족으로 결제에 실패했습니다."],
  NOT_FOUND: [404, "존재하지 않는 정보 입니다."],
  NOT_FOUND_PAYMENT: [404, "존재하지 않는 결제 정보 입니다."],
  NOT_FOUND_PAYMENT_SESSION: [404, "결제 시간이 만료되어 결제 진행 데이터가 존재하지 않습니다."],
  IDEMPOTENT_REQUEST_PROCESSING: [409, "이전 멱등 요청이 처리중입니다."],
  FAILED_INTERNAL_SYSTEM_PROCESSING: [
    500,
    "내부 시스템 처리 작업이 실패했습니다. 잠시 후 다시 시도해주세요.",
  ],
  FAILED_PAYMENT_INTERNAL_SYSTEM_PROCESSING: [500, "결제가 완료되지 않았어요. 다시 시도해주세요."],
} as const satisfies Record<string, readonly [number, string]>;

type FailureCode = keyof typeof failures;

/** An answer with Toss's error body, `{code, message}`. */
export class PspFailure extends Error {
  readonly status: number;
  readonly code: string;

  constructor(code: FailureCode, text: string = failures[code][1]) {
    super(text);
    this.status = failures[code][0];
    this.code = code;
  }
}

/** A final refusal by the card company or the PSP; the payment is ABORTED after it. */
export function isFinalRefusal(code: string): boolean {
  return /^(REJECT_|INVALID_(STOPPED_CARD|CARD_|REJECT_CARD)|EXCEED_MAX_)/.test(code);
}
