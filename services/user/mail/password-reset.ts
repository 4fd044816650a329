import type { AccountRequest } from "../domain/account-request.ts";
import { formatTime, pageUrl } from "./format.ts";
import type { ComposedMail } from "./mailer.ts";
import { noticeMail } from "./notice.ts";

/** The mail with which a forgotten password is replaced. */
export function passwordResetMail(
  email: string,
  { siteUrl, token, createTime, expireTime }: RequestLink,
): ComposedMail {
  return noticeMail(email, {
    subject: "비밀번호를 다시 설정해 주세요",
    title: "비밀번호 재설정",
    text: [`${formatTime(createTime)}에 비밀번호 재설정을 요청하셨습니다.`],
    link: { url: pageUrl(siteUrl, `/reset-password#token=${token}`), label: "비밀번호 다시 설정하기" },
    notes: [
      `이 링크는 ${formatTime(expireTime)}까지 한 번만 사용할 수 있습니다.`,
      "직접 요청하지 않으셨다면 이 메일을 무시해 주세요. 비밀번호는 그대로입니다.",
    ],
  });
}

/** The mail to an account that has no password to forget. */
export function noPasswordMail(email: string, siteUrl: string): ComposedMail {
  return noticeMail(email, {
    subject: "소셜 로그인으로 가입한 계정입니다",
    title: "비밀번호가 없는 계정",
    text: [
      "비밀번호 재설정 요청이 있었지만, 이 계정은 소셜 로그인으로 가입하여 비밀번호가 없습니다.",
      "가입할 때 사용한 소셜 계정으로 로그인해 주세요.",
    ],
    link: { url: pageUrl(siteUrl, "/login"), label: "로그인하기" },
    notes: ["직접 요청하지 않으셨다면 이 메일을 무시해 주세요. 계정은 그대로입니다."],
  });
}

/** What the link of a request needs. */
export interface RequestLink extends Pick<AccountRequest, "createTime" | "expireTime"> {
  readonly siteUrl: string;
  readonly token: string;
}
