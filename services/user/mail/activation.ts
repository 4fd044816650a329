import { html } from "./html.ts";
import { button, layout } from "./layout.ts";
import type { ComposedMail, Recipient } from "./mailer.ts";

/** The mail that confirms an e-mail address. Its token is in the link's fragment, which browsers send to no server. */
export function activationMail(
  { name, email }: Recipient,
  { siteUrl, token, lifetimeSeconds }: { siteUrl: string; token: string; lifetimeSeconds: number },
): ComposedMail {
  const url = `${siteUrl.replace(/\/+$/, "")}/activate#token=${token}`;
  const validity = `이 링크는 ${Math.max(1, Math.floor(lifetimeSeconds / 3600))}시간 동안 한 번만 사용할 수 있습니다.`;
  const ignore = "직접 가입하지 않으셨다면 이 메일을 무시해 주세요.";
  const subject = "[QuestionCloud] 이메일 주소를 인증해 주세요";
  return {
    to: { name, email },
    subject,
    html: layout({
      title: "이메일 인증",
      body: html`<p>${name}님, QuestionCloud에 가입해 주셔서 감사합니다.</p>
<p>아래 버튼을 눌러 이메일 주소를 인증해 주세요.</p>
${button({ url, label: "이메일 인증하기" })}
<p style="font-size:13px;color:#555">버튼이 열리지 않으면 아래 주소를 브라우저에 붙여 넣어 주세요.<br>
<a href="${url}" style="word-break:break-all">${url}</a></p>
<p style="font-size:13px;color:#555">${validity}<br>${ignore}</p>`,
    }),
    text: `${name}님, QuestionCloud에 가입해 주셔서 감사합니다.

아래 주소를 열어 이메일 주소를 인증해 주세요.
${url}

${validity}
${ignore}
`,
  };
}
