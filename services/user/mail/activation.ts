import type { Registration } from "../domain/registration.ts";
import { formatTime, pageUrl } from "./format.ts";
import { html } from "./html.ts";
import { button, layout } from "./layout.ts";
import type { ComposedMail } from "./mailer.ts";

/**
 * The mail that confirms an e-mail address. Its token is in the link's fragment, which browsers send to no server.
 * It repeats no text of the registration, which someone else may have written; the time tells registrations apart.
 */
export function activationMail(
  email: string,
  { siteUrl, token, createTime, expireTime }: ActivationLink,
): ComposedMail {
  const url = pageUrl(siteUrl, `/activate#token=${token}`);
  const request = `${formatTime(createTime)}에 요청하신 가입입니다.`;
  const validity = `이 링크는 ${formatTime(expireTime)}까지 한 번만 사용할 수 있습니다.`;
  const ignore = "직접 가입하지 않으셨다면 링크를 누르지 말고 이 메일을 무시해 주세요.";
  return {
    to: { email },
    subject: "[QuestionCloud] 이메일 주소를 인증해 주세요",
    html: layout({
      title: "이메일 인증",
      body: html`<p>QuestionCloud에 가입해 주셔서 감사합니다.</p>
<p>${request} 아래 버튼을 눌러 이메일 주소를 인증해 주세요.</p>
${button({ url, label: "이메일 인증하기" })}
<p style="font-size:13px;color:#555">버튼이 열리지 않으면 아래 주소를 브라우저에 붙여 넣어 주세요.<br>
<a href="${url}" style="word-break:break-all">${url}</a></p>
<p style="font-size:13px;color:#555">${validity}<br>${ignore}</p>`,
    }),
    text: `QuestionCloud에 가입해 주셔서 감사합니다.

${request} 아래 주소를 열어 이메일 주소를 인증해 주세요.
${url}

${validity}
${ignore}
`,
  };
}

interface ActivationLink extends Pick<Registration, "createTime" | "expireTime"> {
  readonly siteUrl: string;
  readonly token: string;
}
