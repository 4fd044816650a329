import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the project. */
export const root = fileURLToPath(new URL("../../..", import.meta.url));

/** A file of the project. */
export interface Source {
  /** From the project's folder. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
}

const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: root,
  encoding: "utf8",
})
  .split("\n")
  .filter(path => path !== "" && !path.startsWith("gen/") && existsSync(join(root, path)));

/** What stands at the top level. */
export const topLevel: ReadonlySet<string> = new Set(tracked.map(path => path.replace(/\/.*/, "")));

/** The code that people write. */
export const sources: readonly Source[] = readAll(/\.ts$/);

/** Everything else that people write and read. */
export const documents: readonly Source[] = readAll(/\.(md|proto|sql|sh|js)$/);

function readAll(kind: RegExp): Source[] {
  return tracked
    .filter(path => kind.test(path) && !path.includes("third_party"))
    .map(path => {
      const text = readFileSync(join(root, path), "utf8");
      return { path, text, lines: text.replace(/\n$/, "").split("\n") };
    });
}
