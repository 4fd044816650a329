import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { installDebianPackages } from "./debian.ts";

/** Servers often lie where only root's PATH looks. */
const systemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin", "/opt/homebrew/bin", "/opt/homebrew/sbin"];

/** The path of the first name that is an executable file on PATH or in a system folder. */
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

export interface BinarySource<T> {
  /** The server's name for a person to read. */
  title: string;
  find: () => T | undefined;
  debianPackages: string[];
  /** The variable that points at a server of one's own. */
  variable: string;
  log: (line: string) => void;
}

/** What `find` finds, after an installation from Debian's packages when it is missing and we are root. */
export async function requireBinary<T>(source: BinarySource<T>): Promise<T> {
  const found = source.find();
  if (found) return found;
  const packages = source.debianPackages.join(" ");
  if (await installDebianPackages(source.debianPackages, source.log)) {
    const installed = source.find();
    if (installed) return installed;
  }
  throw new Error(
    `${source.title} is not installed. Install it (on Debian: sudo apt-get install ${packages}), ` +
      `or set ${source.variable} to the address of one of your own.`,
  );
}
