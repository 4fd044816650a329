import { globSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installDebianPackages } from "#dev/stack/servers/debian.ts";
import type { Variables } from "#dev/stack/services.ts";
import { present } from "../market/questions.ts";
import { until } from "../stack/until.ts";

// The header that shows a clock has whole seconds and is made once a second.
const toleranceSeconds = 2;

const findLibrary = () => globSync("/usr/lib/*/faketime/libfaketimeMT.so.1")[0];

/** Clocks of processes that a test can set. Timers keep running as they are. */
export interface Clocks {
  /** The variables of a process whose clock can be set. */
  variables(process: string): Variables;
  /** Sets the clock of a process, which notices within two seconds if it runs. */
  set(process: string, offsetSeconds: number): void;
  /** Waits until every clock that was set shows it. */
  untilShown(): Promise<void>;
}

/**
 * Clocks by libfaketime, which is installed where that is possible; undefined without it.
 *
 * @param urls An address of every process, at which any answer has the header Date.
 */
export async function createClocks(
  dir: string,
  urls: ReadonlyMap<string, string>,
): Promise<Clocks | undefined> {
  if (findLibrary() === undefined) {
    await installDebianPackages(["libfaketime"], () => {}).catch(() => false);
  }
  const library = findLibrary();
  if (library === undefined) {
    return undefined;
  }
  const fileOf = (process: string) => join(dir, `${process}.clock`);
  const offsets = new Map<string, number>();
  const set: Clocks["set"] = (process, offsetSeconds) => {
    offsets.set(process, offsetSeconds);
    // By name, because a process that reads half a file keeps its clock for another second.
    writeFileSync(`${fileOf(process)}.next`, `${offsetSeconds < 0 ? "" : "+"}${offsetSeconds}\n`);
    renameSync(`${fileOf(process)}.next`, fileOf(process));
  };
  return {
    set,
    async untilShown() {
      const shown = [...offsets].map(([process, offsetSeconds]) =>
        until(
          async () =>
            Math.abs((await readOffset(present(urls.get(process)))) - offsetSeconds) <= toleranceSeconds,
          `the clock of ${process} is ${offsetSeconds} s off`,
        ),
      );
      offsets.clear();
      await Promise.all(shown);
    },
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

/** By how many seconds the clock of the server at this address differs from the one here. */
async function readOffset(url: string): Promise<number> {
  const { headers } = await fetch(url);
  return (Date.parse(headers.get("date") ?? "") - Date.now()) / 1000;
}
