import { formatTime, pageUrl } from "./format.ts";
import type { ComposedMail } from "./mailer.ts";
import { noticeMail } from "./notice.ts";
import type { RequestLink } from "./password-reset.ts";

/** The mail that confirms the new address of an account. */
export function emailChangeMail(
  email: string,
  { siteUrl, token, createTime, expireTime }: RequestLink,
): ComposedMail {
  return noticeMail(email, {
    subject: "새 이메일 주소를 확인해 주세요",
    title: "이메일 주소 변경",
    text: [`${formatTime(createTime)}에 이 주소로 계정의 이메일을 바꾸려는 요청이 있었습니다.`],
    link: { url: pageUrl(siteUrl, `/confirm-email#token=${token}`), label: "이 주소로 바꾸기" },
    notes: [
      `이 링크는 ${formatTime(expireTime)}까지 한 번만, 로그인한 상태에서 사용할 수 있습니다.`,
      "직접 요청하지 않으셨다면 링크를 누르지 말고 이 메일을 무시해 주세요.",
    ],
  });
}

/** The notice to the present address, with a way to undo the change. */
export function emailChangeNoticeMail(
  email: string,
  { siteUrl, token, createTime, reportDays }: Omit<RequestLink, "expireTime"> & { reportDays: number },
): ComposedMail {
  return noticeMail(email, {
    subject: "이메일 주소 변경 요청이 있었습니다",
    title: "이메일 주소 변경",
    text: [
      `${formatTime(createTime)}에 계정의 이메일을 다른 주소로 바꾸려는 요청이 있었습니다.`,
      "직접 요청하셨다면 이 메일은 무시하셔도 됩니다. 요청하지 않으셨다면 아래에서 변경을 취소해 주세요.",
    ],
    link: { url: pageUrl(siteUrl, `/report-email#token=${token}`), label: "내가 요청하지 않았습니다" },
    notes: [
      `${reportDays}일 동안 취소할 수 있습니다. 취소하면 모든 기기에서 로그아웃되고, 비밀번호를 다시 설정해야 합니다.`,
    ],
  });
}
