import type { SocialAccountChange } from "../domain/mail.ts";
import { pageUrl } from "./format.ts";
import type { ComposedMail } from "./mailer.ts";
import { noticeMail } from "./notice.ts";

const titles = { KAKAO: "카카오", GOOGLE: "Google", NAVER: "네이버" };

/** Tells a user that a way to log in was added or removed, which may have been someone else's doing. */
export function socialAccountMail(
  email: string,
  { provider, isLinked }: SocialAccountChange,
  siteUrl: string,
): ComposedMail {
  const account = `${titles[provider]} 계정`;
  const change = isLinked ? "연결되었습니다" : "연결 해제되었습니다";
  return noticeMail(email, {
    subject: `${account}이 ${change}`,
    title: "소셜 계정 연결",
    text: [
      isLinked
        ? `${account}이 내 계정에 연결되었습니다. 이제 ${titles[provider]} 로그인을 사용할 수 있습니다.`
        : `${account}이 내 계정에서 연결 해제되었습니다.`,
    ],
    link: { url: pageUrl(siteUrl, "/account/social"), label: "연결된 소셜 계정 보기" },
    notes: ["직접 하신 일이 아니라면 비밀번호를 바꾸고, 모르는 소셜 계정의 연결을 해제해 주세요."],
  });
}
