import { type Html, html } from "./html.ts";
import { loginForm, type Page, status } from "./layout.ts";

const service = "questioncloud.user.v1.AccountService";
const script = "account-form.js";

const newPassword = html`<label>새 비밀번호
<input name="newPassword" type="password" autocomplete="new-password" required minlength="8" maxlength="128"></label>`;
const password = html`<label>비밀번호
<input name="password" type="password" autocomplete="current-password" required maxlength="128"></label>`;

interface AccountForm {
  readonly method: string;
  /** The user who asked for the mail signs in first. */
  readonly needsUser?: boolean;
  readonly fields?: Html;
  readonly button: string;
  /** Shown when it worked. */
  readonly done: string;
}

/** A form that calls a method of the account with its fields. */
function form({ method, fields, button, done }: AccountForm): Html {
  return html`<form data-method="${method}" data-done="${done}">
${fields ?? ""}
<button>${button}</button>
</form>`;
}

/** A page that a mail links to. It does not use the token when it is opened, because mail programs follow links. */
function linkPage(title: string, intro: string, content: AccountForm): Page {
  return {
    title,
    script,
    body: html`<p>${intro}</p>
${content.needsUser ? loginForm : ""}
<div data-needs-token>${form(content)}</div>
${status}`,
  };
}

const forgot: Page = {
  title: "이메일·비밀번호 찾기",
  script,
  body: html`<h2>비밀번호를 잊었을 때</h2>
${form({
  method: `${service}/RequestPasswordReset`,
  fields: html`<label>이메일 <input name="email" type="email" autocomplete="username" required maxlength="254"></label>`,
  button: "비밀번호 재설정 메일 받기",
  done: "가입된 주소라면 메일을 보냈습니다. 메일함을 확인해 주세요.",
})}
<h2>이메일을 잊었을 때</h2>
${form({
  method: `${service}/RequestEmailReminder`,
  fields: html`<label>전화번호 (숫자만)
<input name="phone" type="tel" autocomplete="tel-national" required pattern="0[0-9]{8,10}"></label>`,
  button: "가입한 주소로 메일 받기",
  done: "이 번호로 가입한 계정이 있다면 그 주소로 메일을 보냈습니다.",
})}
${status}`,
};

const account: Page = {
  title: "계정",
  script: "account.js",
  body: html`${loginForm}
${status}
<div id="forms" hidden>
<h2>이메일 주소 변경</h2>
${form({
  method: `${service}/RequestEmailChange`,
  fields: html`<label>새 이메일 <input name="newEmail" type="email" required maxlength="254"></label>
${password}`,
  button: "확인 메일 받기",
  done: "새 주소로 확인 메일을 보냈습니다.",
})}
<h2>소셜 계정</h2>
<p><a id="social-accounts" href="/account/social">연결된 소셜 계정</a></p>
<h2>내 데이터</h2>
<p><button id="export" type="button">내려받기 (JSON)</button></p>
<h2>회원 탈퇴</h2>
<p>개인정보는 지워지고 되돌릴 수 없습니다. 판매 중인 문제는 내려가고, 구매자는 구매한 파일을 계속 이용합니다.</p>
<form id="withdraw" data-done="탈퇴했습니다. 그동안 이용해 주셔서 감사합니다.">
${password}
<label><input name="waivePoints" type="checkbox" value="true"> 남은 포인트와 결제 대기 중인 주문을 포기합니다.</label>
<button>탈퇴하기</button>
</form>
<h2>비밀번호가 없는 계정</h2>
${form({
  method: `${service}/RequestConfirmation`,
  button: "본인 확인 메일 받기",
  done: "메일을 보냈습니다. 메일의 링크를 눌러 주세요.",
})}
</div>`,
};

/** The pages of accounts, by path. */
export const accountPages: readonly (readonly [string, Page])[] = [
  ["/account", account],
  ["/forgot", forgot],
  [
    "/activate",
    linkPage("이메일 인증", "가입할 때 정한 비밀번호를 입력하면 계정이 만들어집니다.", {
      method: "questioncloud.user.v1.RegistrationService/ActivateUser",
      fields: password,
      button: "이메일 인증하기",
      done: "계정이 만들어졌습니다. 이제 로그인할 수 있습니다.",
    }),
  ],
  [
    "/reset-password",
    linkPage("비밀번호 재설정", "새 비밀번호를 정하면 모든 기기에서 로그아웃됩니다.", {
      method: `${service}/ResetPassword`,
      fields: newPassword,
      button: "비밀번호 바꾸기",
      done: "비밀번호를 바꾸었습니다. 새 비밀번호로 로그인해 주세요.",
    }),
  ],
  [
    "/confirm-email",
    linkPage("이메일 주소 변경", "로그인하시면, 메일을 받으신 주소가 계정의 새 이메일이 됩니다.", {
      method: `${service}/ConfirmEmailChange`,
      needsUser: true,
      button: "이 주소로 바꾸기",
      done: "이메일 주소를 바꾸었습니다. 다음부터 새 주소로 로그인해 주세요.",
    }),
  ],
  [
    "/report-email",
    linkPage("이메일 주소 변경 취소", "변경을 취소하고 모든 기기에서 로그아웃합니다. 비밀번호는 잠깁니다.", {
      method: `${service}/ReportEmailChange`,
      button: "변경 취소하기",
      done: "변경을 취소했습니다. 비밀번호를 다시 설정해 주세요.",
    }),
  ],
];
