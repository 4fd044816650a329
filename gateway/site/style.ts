import { Html } from "./html.ts";

/** The style sheet of all pages. */
export const style = new Html(`
:root { color-scheme: light dark; --line: #8884; --accent: #2456d6; --bad: #c62828; --good: #1b7f3b; }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.6 system-ui, "Apple SD Gothic Neo", "Malgun Gothic", sans-serif; }
header { padding: 12px 24px; border-bottom: 1px solid var(--line); font-weight: 700; }
header a { color: inherit; text-decoration: none; }
main { max-width: 1040px; margin: 0 auto; padding: 24px; }
form { display: grid; gap: 12px; max-width: 360px; }
label { display: grid; grid-template-columns: minmax(0, 1fr); gap: 4px; font-size: 14px; }
input, select, textarea, button { font: inherit; padding: 8px 10px; border: 1px solid var(--line); border-radius: 6px; }
button { background: var(--accent); color: #fff; cursor: pointer; border: 0; justify-self: start; }
button:disabled { opacity: .5; cursor: default; }
textarea, pre { font: 13px/1.5 ui-monospace, monospace; width: 100%; }
textarea { min-height: 220px; }
pre { overflow: auto; padding: 12px; border: 1px solid var(--line); border-radius: 6px; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: 6px 8px; border-bottom: 1px solid var(--line); }
.choices { display: flex; flex-wrap: wrap; gap: 8px; }
.bad { color: var(--bad); }
.good { color: var(--good); }
.explorer { display: grid; grid-template-columns: 280px minmax(0, 1fr); gap: 24px; }
.explorer nav { max-height: 75vh; overflow: auto; font-size: 14px; }
.explorer nav button { display: block; width: 100%; padding: 3px 8px; }
.explorer nav button { text-align: left; background: none; color: inherit; }
.explorer nav button[aria-current="true"] { background: var(--line); }
.explorer section { display: grid; grid-template-columns: minmax(0, 1fr); gap: 12px; align-content: start; }
.explorer h2 { font-size: 18px; overflow-wrap: anywhere; }
[hidden] { display: none !important; }
@media (max-width: 720px) { .explorer { grid-template-columns: minmax(0, 1fr); } }
`);
