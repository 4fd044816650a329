import * as z from "zod";
import { failSocialLogin } from "../failures.ts";
import type { Dialect } from "./openid-provider.ts";
import { verifiedEmail } from "./verified-email.ts";

const account = z.object({
  id: z.union([z.number(), z.string()]),
  kakao_account: z
    .object({
      profile: z.object({ nickname: z.string() }).partial(),
      email: z.string(),
      is_email_valid: z.boolean(),
      is_email_verified: z.boolean(),
    })
    .partial()
    .default({}),
});

/**
 * Kakao: whether the address is verified, and still belongs to the account, is told by the user's account alone.
 */
export const kakao: Dialect = {
  scope: "openid profile_nickname account_email",
  hasNonce: true,
  async profileOf({ sub }, read) {
    // Of the same host as OpenID Connect's /v1/oidc/userinfo.
    const parsed = account.safeParse(await read(userInfoUrl => new URL("../../v2/user/me", userInfoUrl)));
    if (!parsed.success || String(parsed.data.id) !== sub) {
      throw failSocialLogin(new Error("the account is malformed, or of another user"));
    }
    const { profile, email, is_email_valid, is_email_verified } = parsed.data.kakao_account;
    const address = is_email_valid === true && is_email_verified === true ? email : undefined;
    return { name: profile?.nickname ?? "", email: verifiedEmail(address) };
  },
};
