import type { SocialAccountService } from "#gen/questioncloud/user/v1/social_account_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import { type StartDependencies, startSocial } from "../start-social.ts";

export function startSocialLogin(
  app: StartDependencies,
): Handler<typeof SocialAccountService.method.startSocialLogin> {
  return ({ provider, useCookie }, context) =>
    startSocial(app, { provider, useCookie, userId: null }, context);
}
