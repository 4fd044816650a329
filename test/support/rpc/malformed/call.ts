import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { CouponService } from "#gen/questioncloud/coupon/v1/coupon_pb.ts";
import type { RawCall } from "../raw-calls.ts";

/** A call that is refused before a handler sees it. */
export interface MalformedCall extends RawCall {
  readonly title: string;
  readonly reason: Reason;
  /** The HTTP status. */
  readonly status: number;
  /** The fields, headers or parameters that the refusal names. */
  readonly fields?: readonly string[];
  /** The gateway refuses it by itself, or has no such call. */
  readonly listenerOnly?: true;
}

/** A method without side effects, which GET may call, and one that only POST may call. */
export const readPath = `/${CouponService.typeName}/ListUserCoupons`;
export const writePath = `/${CouponService.typeName}/RegisterCoupon`;
export const unknownPath = `/${CouponService.typeName}/ListNothing`;

/** `page_size: 7` in binary. */
export const validMessage = Buffer.from([0x08, 0x07]);
export const malformedMessage = Buffer.from([0xff, 0xff]);
export const tooLarge = Buffer.alloc(1024 * 1024 + 1, 0x20);

/** Values of `grpc-timeout` that mean nothing. */
export const badGrpcTimeouts = ["-1S", "100000000S", "123456789m", "1", "S", "1 S", "1x", "1S1S"];

/** A message in the frame of gRPC and gRPC-Web. */
export function frame(message: Uint8Array, { flags = 0, length = message.byteLength } = {}): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(flags);
  head.writeUInt32BE(length, 1);
  return Buffer.concat([head, message]);
}

const statuses: Partial<Record<Reason, number>> = {
  [Reason.BAD_REQUEST]: 400,
  [Reason.METHOD_NOT_FOUND]: 404,
  [Reason.HTTP_METHOD_NOT_ALLOWED]: 405,
  [Reason.UNSUPPORTED_MEDIA_TYPE]: 415,
  [Reason.REQUEST_TOO_LARGE]: 429,
};

/** Makes calls that differ from a valid one; gRPC and gRPC-Web answer 200 whatever the reason. */
export function differFrom(valid: RawCall, { alwaysOk = false } = {}) {
  return (title: string, reason: Reason, difference: Partial<MalformedCall> = {}): MalformedCall => ({
    title,
    reason,
    status: alwaysOk ? 200 : (statuses[reason] ?? 500),
    ...valid,
    ...difference,
    headers: { ...valid.headers, ...difference.headers },
  });
}
