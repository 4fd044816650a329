import type { SocialAccountService } from "#gen/questioncloud/user/v1/social_account_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { requireIdentity } from "../require-identity.ts";
import { type StartDependencies, startSocial } from "../start-social.ts";

export function startSocialLink(
  app: Dependencies,
): Handler<typeof SocialAccountService.method.startSocialLink> {
  return async ({ provider, useCookie, ...evidence }, context) => {
    const { userId, lock } = await requireIdentity(app, context, evidence);
    await app.database.transaction(lock);
    return startSocial(app, { provider, useCookie, userId }, context);
  };
}

type Dependencies = StartDependencies & Pick<App, "passwords">;
