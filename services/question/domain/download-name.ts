const longestTitle = 80;

/** The name under which browsers save a file of a question: its title without characters that file systems refuse. */
export function downloadName(title: string, { explanation }: { explanation: boolean }): string {
  const safe = title
    .replace(/[\p{Cc}\p{Cf}\\/:*?"<>|]/gu, " ")
    .replace(/\s+/g, " ")
    .trim()
    .replace(/^\.+/, "");
  const short = [...safe].slice(0, longestTitle).join("").trim();
  return `${short === "" ? "question" : short}${explanation ? " 해설" : ""}.pdf`;
}
