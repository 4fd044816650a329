import { Reason } from "#gen/questioncloud/common/v1/reason_pb.ts";
import { Access, type Policy } from "#gen/questioncloud/options/v1/policy_pb.ts";
import type { Caller, RequestHeaders } from "#kit/contract/context.ts";
import { Failure } from "#kit/contract/failure.ts";
import type { IsAdministrator } from "#kit/rpc/active-user.ts";
import type { Interceptor } from "#kit/rpc/call.ts";
import { type ServiceTokenVerifier, serviceTokenHeader } from "#kit/rpc/tokens/service-token.ts";
import type { UserTokenVerifier } from "#kit/rpc/tokens/user-token.ts";

export interface AccessOptions {
  readonly verifyUserToken: UserTokenVerifier;
  readonly verifyServiceToken: ServiceTokenVerifier;
  /** Of a service with methods for administrators. */
  readonly isAdministrator?: IsAdministrator;
}

/** Authenticates the caller, and refuses every caller that the policy does not name. */
export function authorizeCaller(policy: Policy, options: AccessOptions): Interceptor {
  const authorize = policy.access === Access.INTERNAL ? authorizeService : authorizeUser;
  return next => async call => {
    call.caller = await authorize(policy, call.requestHeaders, options);
    return next(call);
  };
}

async function authorizeUser(
  { access }: Policy,
  headers: RequestHeaders,
  { verifyUserToken }: AccessOptions,
): Promise<Caller> {
  const token = bearerToken(headers.get("authorization"));
  if (token === undefined) {
    if (access === Access.PUBLIC) {
      return { kind: "anonymous" };
    }
    throw new Failure(Reason.UNAUTHORIZED_TOKEN);
  }
  const caller = await verifyUserToken(token);
  if (access === Access.ADMIN && caller.role !== "ADMIN") {
    throw new Failure(Reason.FORBIDDEN);
  }
  return caller;
}

async function authorizeService(
  { callers }: Policy,
  headers: RequestHeaders,
  { verifyServiceToken }: AccessOptions,
): Promise<Caller> {
  const token = headers.get(serviceTokenHeader);
  if (token === null) {
    throw new Failure(Reason.UNAUTHORIZED_TOKEN);
  }
  const caller = await verifyServiceToken(token);
  if (!callers.includes(caller.service)) {
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
