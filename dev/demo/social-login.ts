import assert from "node:assert/strict";
import { randomInt, randomUUID } from "node:crypto";
import { SocialAccountService, SocialProvider } from "#gen/questioncloud/user/v1/social_account_pb.ts";
import { createIdentitySim } from "../sim/identity/sim-client.ts";
import type { Person } from "./signing-up.ts";
import { must, type Stage } from "./stage.ts";

const provider = SocialProvider.KAKAO;

/** Signs up with an account at Kakao, and logs in with it. */
export async function signUpWithKakao(stage: Stage, name: string): Promise<Person> {
  const social = stage.api.client(SocialAccountService);
  const email = `${randomUUID().slice(0, 13)}@demo.questioncloud.example`;
  const sim = createIdentitySim(stage.identityUrl);
  const account = await sim.addPerson({ provider: "kakao", name, email });
  const arrive = async () => {
    const { authorizationUrl, handle } = await social.startSocialLogin({ provider });
    const { origin, pathname } = new URL(authorizationUrl);
    stage.narrator.say(`${name} agrees at ${origin}${pathname}`);
    const { searchParams } = await sim.agree(authorizationUrl, account);
    const text = (parameter: string) => searchParams.get(parameter) ?? "";
    return { provider, state: text("state"), code: text("code"), handle };
  };

  const first = await social.completeSocialLogin({ callback: await arrive() });
  const { registerToken, maskedEmail } = must(first.signUp, "the sign-up");
  assert.match(maskedEmail, /^..\*\*\*@demo/, "most of the address is hidden");
  const phone = `010${String(randomInt(1e8)).padStart(8, "0")}`;
  await social.registerSocialUser({ registerToken, name, phone });

  const again = await social.completeSocialLogin({ callback: await arrive() });
  return { email, token: must(again.tokens, "the token pair").accessToken };
}
