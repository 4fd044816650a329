import { readFileSync } from "node:fs";

/** The lines of a log that is being written, without the one that is not complete yet. */
export function completeLines(file: string): string[] {
  const text = readFileSync(file, "utf8");
  return text
    .slice(0, text.lastIndexOf("\n") + 1)
    .split("\n")
    .filter(Boolean);
}
