import { formatTime, pageUrl } from "./format.ts";
import type { ComposedMail } from "./mailer.ts";
import { noticeMail } from "./notice.ts";
import type { RequestLink } from "./password-reset.ts";

/** The mail whose token is accepted in place of a password. */
export function confirmationMail(
  email: string,
  { siteUrl, token, createTime, expireTime }: RequestLink,
): ComposedMail {
  return noticeMail(email, {
    subject: "본인 확인",
    title: "본인 확인",
    text: [`${formatTime(createTime)}에 계정을 바꾸거나 탈퇴하기 위한 본인 확인을 요청하셨습니다.`],
    link: { url: pageUrl(siteUrl, `/account#token=${token}`), label: "본인 확인하기" },
    notes: [
      `이 링크는 ${formatTime(expireTime)}까지 한 번만, 로그인한 상태에서 사용할 수 있습니다.`,
      "직접 요청하지 않으셨다면 링크를 누르지 말고, 모든 기기에서 로그아웃해 주세요.",
    ],
  });
}
