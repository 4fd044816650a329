import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Access, type Policy } from "#gen/questioncloud/options/v1/policy_pb.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { IsAdministrator } from "#kit/rpc/active-user.ts";
import type { Check } from "#kit/rpc/call.ts";
import { type ServiceTokenVerifier, serviceTokenHeader } from "#kit/rpc/tokens/service-token.ts";
import type { UserTokenVerifier } from "#kit/rpc/tokens/user-token.ts";

export interface AccessOptions {
  readonly verifyUserToken: UserTokenVerifier;
  readonly verifyServiceToken: ServiceTokenVerifier;
  /** Of a service with methods for administrators. */
  readonly isAdministrator?: IsAdministrator;
}

/** Authenticates the caller, and refuses every caller that the policy does not name. */
export function authorizeCaller(policy: Policy, options: AccessOptions): Check {
  return policy.access === Access.INTERNAL
    ? authorizeService(policy, options)
    : authorizeUser(policy, options);
}

function authorizeUser({ access }: Policy, { verifyUserToken }: AccessOptions): Check {
  return call => {
    const token = bearerToken(call.requestHeaders.get("authorization"));
    if (token === undefined) {
      if (access === Access.PUBLIC) {
        return undefined;
      }
      throw new Failure(Reason.UNAUTHORIZED_TOKEN);
    }
    return verifyUserToken(token).then(caller => {
      if (access === Access.ADMIN && caller.role !== "ADMIN") {
        throw new Failure(Reason.FORBIDDEN);
      }
      call.caller = caller;
    });
  };
}

function authorizeService({ callers }: Policy, { verifyServiceToken }: AccessOptions): Check {
  return async call => {
    const token = call.requestHeaders.get(serviceTokenHeader);
    if (token === null) {
      throw new Failure(Reason.UNAUTHORIZED_TOKEN);
    }
    const caller = await verifyServiceToken(token);
    if (!callers.includes(caller.service)) {
      throw new Failure(Reason.FORBIDDEN);
    }
    call.caller = caller;
  };
}

function bearerToken(authorization: string | null): string | undefined {
  if (authorization === null || authorization === "") {
    return undefined;
  }
  const start = authorization.lastIndexOf(" ") + 1;
  if (start === authorization.length || !/^bearer +$/i.test(authorization.slice(0, start))) {
    throw new Failure(Reason.UNAUTHORIZED_TOKEN);
  }
  return authorization.slice(start);
}
