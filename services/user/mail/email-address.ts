import { pageUrl } from "./format.ts";
import type { ComposedMail } from "./mailer.ts";
import { noticeMail } from "./notice.ts";

/** The mail that tells the address of an account, by where it arrives. */
export function emailAddressMail(email: string, siteUrl: string): ComposedMail {
  return noticeMail(email, {
    subject: "가입하신 이메일 주소를 알려 드립니다",
    title: "이메일 주소 안내",
    text: [
      "회원님의 전화번호로 가입한 이메일 주소를 찾는 요청이 있었습니다.",
      `가입하신 주소는 이 메일을 받으신 ${email} 입니다.`,
    ],
    link: { url: pageUrl(siteUrl, "/login"), label: "로그인하기" },
    notes: ["직접 요청하지 않으셨다면 이 메일을 무시해 주세요. 요청한 사람은 이 주소를 알 수 없습니다."],
  });
}
