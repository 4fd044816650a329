import { html } from "./html.ts";
import { type Page, status } from "./layout.ts";

/** The page to which an identity provider sends a user back; each provider has one of its own. */
const socialCallback: Page = {
  title: "소셜 로그인",
  script: "social-callback.js",
  body: html`<p id="status" role="status" aria-live="polite">로그인하고 있습니다.</p>
<form id="sign-up" hidden>
<p>처음 오셨네요. <span id="provider"></span> 계정(<span id="email"></span>)으로 가입합니다.</p>
<label>이름 <input name="name" autocomplete="name" required minlength="2" maxlength="40"></label>
<label>전화번호 <input name="phone" type="tel" autocomplete="tel" required pattern="0[0-9\\-]{8,12}" maxlength="13"></label>
<button>가입하기</button>
</form>
<p><button id="again" type="button" hidden>다시 시도하기</button></p>
<p><a href="/login">다른 방법으로 로그인</a></p>`,
};

const socialAccounts: Page = {
  title: "연결된 소셜 계정",
  script: "social-accounts.js",
  body: html`${status}
<p id="proof"><label>비밀번호 <input id="password" type="password" maxlength="128" autocomplete="current-password"></label>
연결하려면 입력하세요. 비밀번호가 없는 계정은 <a href="/account">내 계정</a>에서 본인 확인 메일을 받으세요.</p>
<table><thead><tr><th>소셜 계정</th><th>상태</th><th></th></tr></thead><tbody id="accounts"></tbody></table>
<p><a href="/login">내 로그인</a> · <a href="/">처음으로</a></p>`,
};

/** The pages of social login, by path. */
export const socialPages: readonly (readonly [string, Page])[] = [
  ["/login/kakao", socialCallback],
  ["/login/google", socialCallback],
  ["/login/naver", socialCallback],
  ["/account/social", socialAccounts],
];
