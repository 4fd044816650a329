import { createHash } from "node:crypto";
import { type Html, html } from "./html.ts";
import { style } from "./style.ts";

/** A page of the site. */
export interface Page {
  title: string;
  body: Html;
  /** A file in `assets/`, loaded as a module. */
  script?: string;
}

/** The form of a page whose script needs a user. */
export const loginForm = html`<form id="login" hidden>
<label>이메일 <input name="email" type="email" autocomplete="username" required maxlength="254"></label>
<label>비밀번호 <input name="password" type="password" autocomplete="current-password" required maxlength="128"></label>
<button>로그인</button>
</form>`;

/** Where a script says what became of something. */
export const status = html`<p id="status" role="status" aria-live="polite"></p>`;

const styleHash = createHash("sha256").update(style.text).digest("base64");

/** A complete document. Scripts read the origin of the API from a `meta` tag; empty means that of the page. */
export function printPage({ title, body, script }: Page, apiUrl: string): string {
  const loader = script ? html`<script type="module" src="/assets/${script}"></script>` : "";
  return html`<!doctype html>
<html lang="ko">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="api-url" content="${apiUrl}">
<title>${title} · QuestionCloud</title>
<style>${style}</style>
${loader}
</head>
<body>
<header><a href="/">QuestionCloud</a></header>
<main>
<h1>${title}</h1>
${body}
<noscript><p class="bad">이 페이지는 자바스크립트가 필요합니다.</p></noscript>
</main>
</body>
</html>
`.text;
}

/**
 * Security headers of every response. A page may load our scripts and call the API, and nothing else; it cannot be
 * framed.
 */
export function createSecurityHeaders(apiUrl: string): Record<string, string> {
  const policy = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": `'sha256-${styleHash}'`,
    "connect-src": `'self' ${apiUrl}`.trim(),
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": "'none'",
  };
  return {
    "content-security-policy": Object.entries(policy)
      .map(([name, value]) => `${name} ${value}`)
      .join("; "),
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=()",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
  };
}
