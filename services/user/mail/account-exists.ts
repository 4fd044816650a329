import { pageUrl } from "./format.ts";
import type { ComposedMail } from "./mailer.ts";
import { noticeMail } from "./notice.ts";

/** The mail to an address that has an account, after someone registered with it or wanted to change to it. */
export function accountExistsMail(email: string, siteUrl: string): ComposedMail {
  return noticeMail(email, {
    subject: "이미 가입된 이메일 주소입니다",
    title: "이미 가입된 주소",
    text: [
      "이 이메일 주소로 가입하거나 주소를 바꾸려는 요청이 있었지만, 이미 가입된 주소입니다. 바뀐 것은 없습니다.",
      "기존 비밀번호로 로그인해 주세요.",
    ],
    link: { url: pageUrl(siteUrl, "/login"), label: "로그인하기" },
    notes: ["직접 요청하지 않으셨다면 이 메일을 무시해 주세요. 계정과 비밀번호는 그대로입니다."],
  });
}
