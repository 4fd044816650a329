import { escapeHtml } from "../escape-html.ts";
import type { Mail } from "./mailbox.ts";

const style = `
  body { font-family: system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; color: #222; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; padding: .5rem; border-bottom: 1px solid #ddd; overflow-wrap: anywhere; }
  iframe { width: 100%; height: 32rem; border: 1px solid #ddd; }
  pre { white-space: pre-wrap; background: #f6f6f6; padding: 1rem; }
  time { white-space: nowrap; }
`;

export function listPage(mails: Mail[], to: string | undefined): string {
  const rows = mails.map(
    ({ id, to, from, subject, receivedTime }) => `<tr>
      <td><time datetime="${receivedTime}">${formatTime(receivedTime)}</time></td>
      <td>${escapeHtml(to)}</td><td>${escapeHtml(from)}</td>
      <td><a href="/mails/${id}">${escapeHtml(subject || "(제목 없음)")}</a></td></tr>`,
  );
  const table = `<table><thead><tr><th>받은 시각</th><th>받는 사람</th><th>보낸 사람</th><th>제목</th></tr></thead>
    <tbody>${rows.join("")}</tbody></table>`;
  return page(
    "메일함",
    `<p>이 스택이 보낸 메일입니다. 밖으로 나가지 않습니다.</p>
    <form action="/"><label>받는 사람 <input name="to" value="${escapeHtml(to ?? "")}"></label> <button>찾기</button></form>
    ${mails.length > 0 ? table : "<p>메일이 없습니다.</p>"}`,
  );
}

/** The mail's HTML is shown in a frame without scripts and without this page's origin; its links open in a new tab. */
export function mailPage(mail: Mail): string {
  const content = `<base target="_blank">${mail.html}`;
  const sandbox = "allow-popups allow-popups-to-escape-sandbox";
  return page(
    mail.subject || "(제목 없음)",
    `<p><a href="/">← 메일함</a></p>
    <p>보낸 사람: ${escapeHtml(mail.from)}<br>받는 사람: ${escapeHtml(mail.to)}<br>
    받은 시각: <time datetime="${mail.receivedTime}">${formatTime(mail.receivedTime)}</time></p>
    ${mail.html ? `<iframe title="본문" sandbox="${sandbox}" srcdoc="${escapeHtml(content)}"></iframe>` : ""}
    ${mail.text ? `<h2>텍스트</h2><pre>${linkAddresses(escapeHtml(mail.text))}</pre>` : ""}`,
  );
}

export function notFoundPage(): string {
  return page("찾을 수 없습니다", `<p>그런 메일이나 주소가 없습니다. <a href="/">메일함</a></p>`);
}

function page(title: string, body: string): string {
  return `<!doctype html><html lang="ko"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>
<style>${style}</style></head><body><h1>${escapeHtml(title)}</h1>${body}</body></html>`;
}

function linkAddresses(escapedText: string): string {
  return escapedText.replace(/https?:\/\/(?:(?!&lt;|&gt;|&quot;)\S)+/g, url => `<a href="${url}">${url}</a>`);
}

function formatTime(isoTime: string): string {
  return new Date(isoTime).toLocaleString("ko-KR", { timeZone: "Asia/Seoul" });
}
