import * as z from "zod";
import { failSocialLogin } from "../failures.ts";
import type { Dialect } from "./openid-provider.ts";
import { verifiedEmail } from "./verified-email.ts";

const refusal = z.object({ error: z.string(), access_token: z.undefined().optional() });
const profile = z.object({
  resultcode: z.literal("00"),
  response: z.object({ id: z.string(), name: z.string(), nickname: z.string(), email: z.string() }).partial(),
});

/**
 * Naver: documents no nonce, wants the state with the code, refuses with status 200, and does not tell whether an
 * address is verified. An address of its own is the user's mailbox; others may be anyone's.
 */
export const naver: Dialect = {
  scope: "openid",
  hasNonce: false,
  tokenParameters: state => ({ state }),
  async repair(response) {
    const body = await response.text();
    const isRefusal = response.status === 200 && refusal.safeParse(parseJson(body)).success;
    return new Response(body, { status: isRefusal ? 400 : response.status, headers: response.headers });
  },
  async profileOf(_claims, read) {
    const parsed = profile.safeParse(await read(userInfoUrl => new URL(userInfoUrl)));
    if (!parsed.success) {
      throw failSocialLogin(new Error("the profile is malformed"));
    }
    const { name, nickname, email } = parsed.data.response;
    const isOwn = email?.toLowerCase().endsWith("@naver.com");
    return { name: name ?? nickname ?? "", email: verifiedEmail(isOwn ? email : undefined) };
  },
};

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
