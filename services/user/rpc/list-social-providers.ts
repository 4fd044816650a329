import { type SocialAccountService, SocialProvider } from "#gen/questioncloud/user/v1/social_account_pb.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";

export function listSocialProviders({
  socialProviders,
}: Dependencies): Handler<typeof SocialAccountService.method.listSocialProviders> {
  return async () => ({ providers: [...socialProviders.keys()].map(name => SocialProvider[name]) });
}

type Dependencies = Pick<App, "socialProviders">;
