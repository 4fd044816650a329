import { renderDocument } from "../document.ts";
import { escapeHtml } from "../escape-html.ts";
import type { Reply } from "./http.ts";
import type { People, Person } from "./people.ts";
import type { Client, Provider } from "./provider.ts";

const maxShown = 20;

interface PageDeps {
  readonly provider: Provider;
  readonly client: Client;
  readonly people: People;
}

/** The page on which a person is chosen and agrees. The form repeats the request, so nothing is stored before that. */
export function consentPage(
  { provider, client, people }: PageDeps,
  params: Readonly<Record<string, string>>,
): Reply {
  const hidden = Object.entries(params).map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  const { pathname } = new URL(provider.metadata.authorization_endpoint);
  const title = `${provider.title} 로그인`;
  const body = `
<h1>${escapeHtml(title)}</h1>
<p class="note">시험용 로그인 화면입니다. 실제 ${escapeHtml(provider.title)} 계정과 관계가 없습니다.</p>
<form method="post" action="${escapeHtml(pathname)}">
  ${hidden.join("\n  ")}
  <fieldset>
    <legend>계정</legend>
    ${people.of(provider.name).slice(0, maxShown).map(choiceOf).join("\n    ")}
  </fieldset>
  <button class="main" name="action" value="agree">동의하고 계속하기</button>
  <button class="other" name="action" value="refuse" formnovalidate>취소</button>
</form>`;
  return page(200, title, body, client.redirectUris);
}

/** A page that says why it does not go on. */
export function noticePage(status: number, text: string): Reply {
  const body = `<h1>로그인할 수 없습니다</h1><p class="note">${escapeHtml(text)}</p>`;
  return page(status, "로그인", body, []);
}

function choiceOf({ subject, name, email = "이메일 없음", isEmailVerified }: Person): string {
  const note = isEmailVerified ? email : `${email}, 인증되지 않음`;
  return (
    `<label><input type="radio" name="subject" value="${escapeHtml(subject)}" required> ` +
    `${escapeHtml(name)} (${escapeHtml(note)})</label>`
  );
}

function page(status: number, title: string, body: string, targets: readonly string[]): Reply {
  const policy = [
    "default-src 'none'",
    "style-src 'unsafe-inline'",
    // The browser applies form-action to the redirect after the form too.
    `form-action 'self' ${[...new Set(targets.map(target => new URL(target).origin))].join(" ")}`.trim(),
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ];
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": policy.join("; "),
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
  };
  return { status, headers, body: renderDocument(title, body) };
}
