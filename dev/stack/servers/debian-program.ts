import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "../root.ts";
import { findBinary, isExecutable } from "./binary.ts";
import { withLock } from "./lock.ts";

const run = promisify(execFile);
const downloadWithinMs = 120_000;

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
  return withLock(`unpack ${folder}`, downloadWithinMs, async () => {
    if (find() === undefined) {
      await unpack(debianPackage, folder, log).catch((error: { stderr?: string; message: string }) => {
        const reason = (error.stderr?.trim() || error.message).split("\n").at(-1);
        log(
          `no ${program}: it is not on PATH, and the Debian package ${debianPackage} is not available: ${reason}`,
        );
      });
    }
    return find();
  });
}

async function unpack(debianPackage: string, folder: string, log: (line: string) => void): Promise<void> {
  mkdirSync(join(root, ".cache"), { recursive: true });
  const temporary = mkdtempSync(join(root, ".cache", `unpacking-${debianPackage}-`));
  try {
    log(`Downloading the Debian package ${debianPackage} (once; it is not installed)`);
    const download = () =>
      run("apt-get", ["download", "-qq", debianPackage], { cwd: temporary, timeout: downloadWithinMs });
    await download().catch(async () => {
      await run("apt-get", ["update", "-qq"], { timeout: downloadWithinMs });
      await download();
    });
    const [archive] = readdirSync(temporary).filter(name => name.endsWith(".deb"));
    await run("dpkg-deb", ["-x", archive ?? "", "files"], { cwd: temporary });
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(temporary, "files"), folder);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
