import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { ChargeState } from "./domain/charge-rules.ts";

export const chargeNotFound = () => new Failure(Reason.NOT_FOUND);
export const discrepancyNotFound = () => new Failure(Reason.NOT_FOUND);
export const requestIdReused = () => new Failure(Reason.IDEMPOTENCY_KEY_REUSED);
export const tooManyOpenCharges = () => new Failure(Reason.TOO_MANY_OPEN_CHARGES);
export const paymentDiffers = () => new Failure(Reason.INVALID_CHARGE_POINT_PAYMENT);
export const chargeExpired = () => new Failure(Reason.CHARGE_EXPIRED);
export const chargeNotOpen = (state: ChargeState) =>
  new Failure(Reason.CHARGE_NOT_OPEN, { metadata: { state } });
export const tooBusy = () => new Failure(Reason.SERVICE_UNAVAILABLE, { retryAfterMs: 5000 });

export function notEnoughPoint(points: { requiredPoints: bigint; availablePoints: bigint }): Failure {
  const metadata = {
    required: points.requiredPoints.toString(),
    available: points.availablePoints.toString(),
  };
  return new Failure(Reason.NOT_ENOUGH_POINT, { metadata });
}

export function walletNotEmpty(points: bigint, charges: number): Failure {
  const metadata = { points: points.toString(), charges: charges.toString() };
  return new Failure(Reason.WALLET_NOT_EMPTY, { metadata });
}

export function limitExceeded(limitPoints: bigint): Failure {
  return new Failure(Reason.POINT_LIMIT_EXCEEDED, { metadata: { limit: limitPoints.toString() } });
}
