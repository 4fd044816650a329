import { AccountService } from "#gen/questioncloud/user/v1/account_pb.ts";
import { methodName } from "#kit/contract/policy.ts";
import type { Runtime } from "#kit/service/runtime.ts";

/** True where the point service has just certified that a user has neither points nor open charges. */
export type PointClearance = (clearance: string, userId: bigint) => Promise<boolean>;

/** Verifies what PointService.CreateWithdrawalClearance signs. */
export function createPointClearance({
  serviceTokenVerifier,
}: Pick<Runtime, "serviceTokenVerifier">): PointClearance {
  const verify = serviceTokenVerifier(methodName(AccountService.method.withdraw));
  return async (clearance, userId) => {
    const signer = await verify(clearance).catch(() => undefined);
    return signer?.service === "point" && signer.userId === userId;
  };
}
