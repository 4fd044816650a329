import type { SocialAccountService } from "#gen/questioncloud/user/v1/social_account_pb.ts";
import { userIdOf } from "#kit/contract/context.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import { type StartDependencies, startSocial } from "../start-social.ts";

export function startSocialLink(
  app: StartDependencies,
): Handler<typeof SocialAccountService.method.startSocialLink> {
  return ({ provider, useCookie }, context) =>
    startSocial(app, { provider, useCookie, userId: userIdOf(context) }, context);
}
