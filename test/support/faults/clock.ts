import { globSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installDebianPackages } from "#dev/stack/servers/debian.ts";
import type { Variables } from "#dev/stack/services.ts";

const findLibrary = () => globSync("/usr/lib/*/faketime/libfaketimeMT.so.1")[0];

/** Clocks of processes that a test can set. Timers keep running as they are. */
export interface Clocks {
  /** The variables of a process whose clock can be set. */
  variables(process: string): Variables;
  /** Sets the clock of a process, which notices within a second. */
  set(process: string, offsetSeconds: number): void;
}

/** Clocks by libfaketime, which is installed where that is possible; undefined without it. */
export async function createClocks(dir: string): Promise<Clocks | undefined> {
  if (findLibrary() === undefined) {
    await installDebianPackages(["libfaketime"], () => {}).catch(() => false);
  }
  const library = findLibrary();
  if (library === undefined) {
    return undefined;
  }
  const fileOf = (process: string) => join(dir, `${process}.clock`);
  const set: Clocks["set"] = (process, offsetSeconds) =>
    writeFileSync(fileOf(process), `${offsetSeconds < 0 ? "" : "+"}${offsetSeconds}\n`);
  return {
    set,
    variables(process) {
      set(process, 0);
      return {
        LD_PRELOAD: library,
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
        FAKETIME_TIMESTAMP_FILE: fileOf(process),
        FAKETIME_CACHE_DURATION: "1",
      };
    },
  };
}
