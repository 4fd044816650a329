import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Failure } from "#kit/contract/failure.ts";

/** How far the clocks of two machines may be apart, for every time in a token. */
export const leewaySeconds = 5;

const form = /^[1-9]\d{0,18}$/;
const maxId = 2n ** 63n - 1n;

/** The user that a claim names: an id as the database counts them. Throws UNAUTHORIZED_TOKEN for anything else. */
export function userIdIn(claim: unknown): bigint {
  const id = typeof claim === "string" && form.test(claim) ? BigInt(claim) : 0n;
  if (id < 1n || id > maxId) {
    throw new Failure(Reason.UNAUTHORIZED_TOKEN);
  }
  return id;
}
