import { pageUrl } from "./format.ts";
import { html } from "./html.ts";
import { button, layout } from "./layout.ts";
import type { ComposedMail } from "./mailer.ts";

/** The mail to an address that has an account, after someone registered with it. */
export function accountExistsMail(email: string, siteUrl: string): ComposedMail {
  const url = pageUrl(siteUrl, "/login");
  const notice =
    "이 이메일 주소로 가입 요청이 있었지만, 이미 가입된 주소입니다. 새 계정은 만들어지지 않았습니다.";
  const ignore = "직접 요청하지 않으셨다면 이 메일을 무시해 주세요. 계정과 비밀번호는 그대로입니다.";
  return {
    to: { email },
    subject: "[QuestionCloud] 이미 가입된 이메일 주소입니다",
    html: layout({
      title: "이미 가입된 주소",
      body: html`<p>${notice}</p>
<p>기존 비밀번호로 로그인해 주세요.</p>
${button({ url, label: "로그인하기" })}
<p style="font-size:13px;color:#555">${ignore}</p>`,
    }),
    text: `${notice}

기존 비밀번호로 로그인해 주세요.
${url}

${ignore}
`,
  };
}
