import { accountPages } from "./account-pages.ts";
import { html } from "./html.ts";
import { loginForm, type Page, status } from "./layout.ts";
import { socialPages } from "./social-pages.ts";

const home: Page = {
  title: "수능 문제 마켓",
  script: "home.js",
  body: html`<p><a href="/login">로그인</a> · <a href="/cart">장바구니</a> ·
<a href="/explorer">API 탐색기</a> · <a href="/openapi.json">OpenAPI</a></p>
${status}
<h2>분류</h2>
<ul id="categories"></ul>
<h2>판매 중인 문제</h2>
<table><thead><tr><th>제목</th><th>과목</th><th>난이도</th><th>가격</th><th></th></tr></thead>
<tbody id="questions"></tbody></table>
<p><button id="more" type="button" hidden>더 보기</button></p>`,
};

const cart: Page = {
  title: "장바구니",
  script: "cart.js",
  body: html`${status}
<table><thead><tr><th>제목</th><th>출제자</th><th>가격</th><th></th></tr></thead><tbody id="lines"></tbody></table>
<p id="total"></p>
<p><a href="/login">로그인</a> · <a href="/">처음으로</a></p>`,
};

const login: Page = {
  title: "로그인",
  script: "login.js",
  body: html`${loginForm}
<p id="social" class="choices"></p>
${status}
<p><a href="/forgot">이메일이나 비밀번호를 잊으셨나요?</a> · <a href="/account">계정</a></p>
<p id="social-accounts" hidden><a href="/account/social">연결된 소셜 계정</a></p>
<p><button id="logout" type="button" hidden>로그아웃</button></p>`,
};

const chargeSuccess: Page = {
  title: "포인트 충전",
  script: "charge.js",
  body: html`${status}
${loginForm}
<dl id="charge"></dl>
<p id="next" hidden><a href="/">처음으로</a></p>`,
};

const explorer: Page = {
  title: "API 탐색기",
  script: "explorer.js",
  body: html`<div class="explorer">
<nav id="methods" aria-label="메서드"></nav>
<section>
<h2 id="name">메서드를 선택하세요</h2>
<p id="about"></p>
<label>액세스 토큰 (이 화면에서만 보관) <input id="token" type="password" autocomplete="off" spellcheck="false"></label>
<label>요청 <textarea id="request" spellcheck="false"></textarea></label>
<button id="send" type="button" disabled>보내기</button>
${status}
<pre id="answer" hidden></pre>
<h3>오류</h3>
<ul id="refusals"></ul>
</section>
</div>`,
};

/** The static pages, by path. */
export const pages: ReadonlyMap<string, Page> = new Map([
  ["/", home],
  ["/cart", cart],
  ["/login", login],
  ...accountPages,
  ...socialPages,
  ["/charge/success", chargeSuccess],
  ["/explorer", explorer],
]);

/** The page for unknown paths. */
export const notFoundPage: Page = {
  title: "페이지를 찾을 수 없습니다",
  body: html`<p><a href="/">처음으로</a></p>`,
};

/**
 * The page to which the PSP sends a buyer who has not paid. Shows only the code, which is the PSP's own: anyone can
 * put a message into a link.
 */
export function createChargeFailPage(query: URLSearchParams): Page {
  const code = (query.get("code") ?? "").slice(0, 60);
  return {
    title: "포인트 충전 실패",
    body: html`<p class="bad">결제를 완료하지 못했거나 취소하셨습니다.</p>
<p>결제된 금액은 없습니다.${code ? html` <small>(${code})</small>` : ""}</p>
<p><a href="/">처음으로</a></p>`,
  };
}
