import {
  type CompleteSocialLoginResponse,
  SocialAccountService,
  SocialProvider,
} from "#gen/questioncloud/user/v1/social_account_pb.ts";
import type { PublicApi } from "../demo/public-api.ts";
import type { ProviderName } from "../sim/identity/people.ts";
import { createIdentitySim } from "../sim/identity/sim-client.ts";
import { samplePassword } from "./people.ts";

/** Someone whom the simulated providers know from the start. */
interface SocialPerson {
  readonly provider: ProviderName;
  readonly subject: string;
}

/** The Kakao account of the first buyer. */
export const buyersKakao: SocialPerson = { provider: "kakao", subject: "3100000001" };

/** People who signed up with a social account, and have no password. */
export const socialPeople: readonly (SocialPerson & { readonly name: string; readonly phone: string })[] = [
  { provider: "naver", subject: "naver-green-1", name: "남초록", phone: "01070000021" },
  { provider: "google", subject: "108000000000000000001", name: "정하늘", phone: "01070000022" },
];

const providers = {
  kakao: SocialProvider.KAKAO,
  google: SocialProvider.GOOGLE,
  naver: SocialProvider.NAVER,
};

interface SocialDeps {
  readonly api: PublicApi;
  readonly identityUrl: string;
}

/** Signs these people up, unless they have accounts. */
export async function signUpSocialPeopleOnce(deps: SocialDeps): Promise<void> {
  const social = deps.api.client(SocialAccountService);
  for (const { name, phone, ...person } of socialPeople) {
    const start = await social.startSocialLogin({ provider: providers[person.provider] });
    if (!isSimulated(deps, start)) {
      continue;
    }
    const answer: CompleteSocialLoginResponse = await social.completeSocialLogin({
      callback: await agree(deps, person, start),
    });
    const { registerToken } = answer.signUp ?? {};
    if (registerToken !== undefined) {
      await social.registerSocialUser({ registerToken, name, phone });
    }
  }
}

/** Links a social account to the account of a user; one that is linked already stays so. */
export async function linkSocialAccount(
  deps: SocialDeps,
  token: string,
  person: SocialPerson,
): Promise<void> {
  const social = deps.api.client(SocialAccountService, token);
  const start = await social.startSocialLink({
    provider: providers[person.provider],
    password: samplePassword,
  });
  if (!isSimulated(deps, start)) {
    return;
  }
  await social.linkSocialAccount({ callback: await agree(deps, person, start) });
}

/** False for a real provider, where no one can agree for another. */
function isSimulated(
  { identityUrl }: SocialDeps,
  { authorizationUrl }: { authorizationUrl: string },
): boolean {
  return authorizationUrl.startsWith(identityUrl);
}

async function agree(
  { identityUrl }: SocialDeps,
  { provider, subject }: SocialPerson,
  { authorizationUrl, handle }: { authorizationUrl: string; handle: string },
) {
  const { searchParams } = await createIdentitySim(identityUrl).agree(authorizationUrl, { subject });
  const text = (name: string) => searchParams.get(name) ?? "";
  return {
    provider: providers[provider],
    state: text("state"),
    code: text("code"),
    iss: text("iss"),
    handle,
  };
}
