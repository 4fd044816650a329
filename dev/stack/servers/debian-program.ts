import { join } from "node:path";
import { root } from "../root.ts";
import { findBinary, isExecutable } from "./binary.ts";
import { unpackDebian } from "./debian.ts";

interface DebianProgram {
  readonly debianPackage: string;
  readonly program: string;
  readonly log: (line: string) => void;
}

/**
 * The path of a program: from PATH, or from a Debian package that is downloaded once and unpacked in `.cache/`, not
 * installed. Undefined if there is none, with the reason in the log.
 */
export async function findDebianProgram(wanted: DebianProgram): Promise<string | undefined> {
  const { debianPackage, program, log } = wanted;
  const folder = join(root, ".cache", `debian-${debianPackage}`);
  const unpacked = join(folder, "usr/bin", program);
  const find = () => findBinary([program]) ?? (isExecutable(unpacked) ? unpacked : undefined);
  const found = find();
  if (found !== undefined) {
    return found;
  }
  log(`Downloading the Debian package ${debianPackage} (once; it is not installed)`);
  await unpackDebian(folder, [debianPackage]).catch((error: { stderr?: string; message: string }) => {
    const reason = (error.stderr?.trim() || error.message).split("\n").at(-1);
    log(
      `no ${program}: it is not on PATH, and the Debian package ${debianPackage} is not available: ${reason}`,
    );
  });
  return find();
}
