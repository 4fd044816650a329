import { type Html, html } from "./html.ts";

const bodyStyle =
  "margin:0;padding:24px;background:#f4f5f7;color:#222;font-family:'Apple SD Gothic Neo','Malgun Gothic',sans-serif";
const buttonStyle =
  "display:inline-block;padding:12px 24px;background:#2f6fed;color:#fff;text-decoration:none;border-radius:6px";
const labelStyle = "padding:4px 16px 4px 0;text-align:left;color:#777;font-weight:normal";

/** The layout of every mail: Korean, one column, readable without images. */
export function layout({ title, body }: { title: string; body: Html }): string {
  return html`<!doctype html>
<html lang="ko">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title></head>
<body style="${bodyStyle}">
<div style="max-width:560px;margin:0 auto;padding:32px;background:#fff;border-radius:8px">
<h1 style="margin:0 0 24px;font-size:20px">${title}</h1>
${body}
<p style="margin:32px 0 0;color:#777;font-size:12px">이 메일은 발신 전용입니다. QuestionCloud</p>
</div>
</body>
</html>
`.markup;
}

/** A link that looks like a button. */
export function button({ url, label }: { url: string; label: string }): Html {
  return html`<p style="margin:24px 0"><a href="${url}" style="${buttonStyle}">${label}</a></p>`;
}

/** A table of names and values. */
export function facts(rows: readonly (readonly [string, string])[]): Html {
  const cells = rows.map(
    ([name, value]) =>
      html`<tr><th style="${labelStyle}">${name}</th><td style="padding:4px 0">${value}</td></tr>`,
  );
  return html`<table style="margin:16px 0;border-collapse:collapse;font-size:14px">${cells}</table>`;
}
