import type { NotificationMail } from "../domain/mail.ts";
import type { User } from "../domain/user.ts";
import { pageUrl } from "./format.ts";
import { html } from "./html.ts";
import { button, layout } from "./layout.ts";
import type { ComposedMail } from "./mailer.ts";

const news: Readonly<Record<NotificationMail["kind"], string>> = {
  NEW_POST: "내 문제의 게시판에 새 글이 올라왔습니다.",
  NEW_COMMENT: "내 글이나 내 문제의 게시판에 새 댓글이 달렸습니다.",
  NEW_QUESTION: "구독한 크리에이터의 새 문제가 올라왔습니다.",
};

/** The mail that says that something is new; what others wrote is read on the site alone. */
export function notificationMail(
  { name, email }: Pick<User, "name" | "email">,
  { kind }: NotificationMail,
  siteUrl: string,
): ComposedMail {
  const url = pageUrl(siteUrl, "/");
  const greeting = `${name}님, ${news[kind]}`;
  const how =
    "이 메일은 알림 설정에서 메일을 켜 두셨기 때문에 보내 드립니다. 설정에서 언제든 끌 수 있습니다.";
  return {
    to: { name, email },
    subject: `[QuestionCloud] ${news[kind]}`,
    html: layout({
      title: "새 소식",
      body: html`<p>${greeting}</p>
${button({ url, label: "확인하기" })}
<p style="font-size:13px;color:#555">${how}</p>`,
    }),
    text: `${greeting}
${url}

${how}
`,
  };
}
