import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";

/** Servers are often installed where only root's PATH looks. */
const systemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/opt/homebrew/bin", "/opt/homebrew/sbin"];

/** The path of the first of these names that is an executable on PATH or in a system folder. */
export function findBinary(names: string[], env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folders = [...(env.PATH ?? "").split(delimiter).filter(Boolean), ...systemFolders];
  return names.flatMap(name => folders.map(folder => join(folder, name))).find(isExecutable);
}

export function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
