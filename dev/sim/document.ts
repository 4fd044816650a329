import { escapeHtml } from "./escape-html.ts";

const style = `
:root {
  color-scheme: light dark;
  --ink: #191f28; --soft: #6b7684; --line: #e5e8eb; --card: #fff; --back: #f2f4f6; --blue: #1b64da;
}
@media (prefers-color-scheme: dark) {
  :root { --ink: #f2f4f6; --soft: #a0a9b4; --line: #3a424c; --card: #20262e; --back: #14181d; --blue: #2f6fe0; }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 16px;
  background: var(--back); color: var(--ink);
  font: 16px/1.5 -apple-system, "Apple SD Gothic Neo", "Noto Sans KR", "Malgun Gothic", sans-serif;
}
main {
  width: 100%; max-width: 420px; padding: 24px;
  background: var(--card); border: 1px solid var(--line); border-radius: 16px;
}
h1 { margin: 0 0 4px; font-size: 20px; }
.note { margin: 0 0 20px; color: var(--soft); font-size: 14px; }
dl { margin: 0 0 20px; display: grid; grid-template-columns: auto 1fr; gap: 4px 16px; }
dt { color: var(--soft); }
dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
dd.amount { font-size: 22px; font-weight: 700; }
fieldset { margin: 0 0 20px; padding: 0; border: 0; display: grid; gap: 8px; }
legend { padding: 0 0 8px; font-weight: 600; }
label {
  display: flex; gap: 10px; align-items: center; min-height: 48px; padding: 0 14px;
  border: 1px solid var(--line); border-radius: 10px; cursor: pointer;
}
label:has(:checked) { border-color: var(--blue); box-shadow: inset 0 0 0 1px var(--blue); }
input { flex: none; accent-color: var(--blue); width: 18px; height: 18px; margin: 0; }
button {
  width: 100%; min-height: 52px; border: 0; border-radius: 12px; font: inherit; font-weight: 600; cursor: pointer;
}
button.main { background: var(--blue); color: #fff; }
button.other { margin-top: 8px; background: transparent; color: var(--soft); }
:focus-visible { outline: 3px solid var(--blue); outline-offset: 2px; }
`;

/** A page of a simulator that people click through, with the title of its window. */
export function renderDocument(title: string, content: string): string {
  return `<!doctype html>
<html lang="ko">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body><main>${content}</main></body>
</html>
`;
}
