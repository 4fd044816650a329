import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Access, type Policy } from "#gen/questioncloud/options/v1/policy_pb.ts";
import type { Caller } from "#kit/context.ts";
import { Failure } from "#kit/failure.ts";
import { type ServiceTokenVerifier, serviceTokenHeader } from "#kit/service-token.ts";
import type { UserTokenVerifier } from "#kit/user-token.ts";

export interface AccessOptions {
  readonly verifyUserToken: UserTokenVerifier;
  readonly verifyServiceToken: ServiceTokenVerifier;
}

/** Finds out who calls and refuses whoever the policy does not name. */
export async function authorize(policy: Policy, headers: Headers, options: AccessOptions): Promise<Caller> {
  if (policy.access === Access.MESH) {
    return authorizeNeighbour(policy, headers.get(serviceTokenHeader), options.verifyServiceToken);
  }
  const token = bearerToken(headers.get("authorization"));
  if (token === undefined) {
    if (policy.access === Access.PUBLIC) {
      return { kind: "anonymous" };
    }
    throw new Failure(Reason.UNAUTHORIZED_TOKEN);
  }
  const caller = await options.verifyUserToken(token);
  if (policy.access === Access.ADMIN && caller.role !== "ADMIN") {
    throw new Failure(Reason.FORBIDDEN);
  }
  return caller;
}

async function authorizeNeighbour(
  policy: Policy,
  token: string | null,
  verify: ServiceTokenVerifier,
): Promise<Caller> {
  if (token === null) {
    throw new Failure(Reason.UNAUTHORIZED_TOKEN);
  }
  const caller = await verify(token);
  if (!policy.callers.includes(caller.service)) {
    throw new Failure(Reason.FORBIDDEN);
  }
  return caller;
}

function bearerToken(authorization: string | null): string | undefined {
  if (authorization === null || authorization === "") {
    return undefined;
  }
  const match = /^bearer +([^ ]+)$/i.exec(authorization);
  if (match === null) {
    throw new Failure(Reason.UNAUTHORIZED_TOKEN);
  }
  return match[1];
}
