import { type Browser, chromium } from "playwright-core";
import { findBinary, isExecutable } from "#dev/stack/servers/binary.ts";
import { installDebianPackages } from "#dev/stack/servers/debian.ts";

const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];

/**
 * Starts a headless Chromium: that of `CHROMIUM_BIN`, one on PATH, or Debian's, which is installed where that is
 * possible. Leaves the tests out where there is none; in CI that is an error.
 */
export async function startChromium(context: Mocha.Context): Promise<Browser> {
  const executablePath = (await findChromium()) ?? "";
  if (executablePath === "") {
    if (process.env.CI !== undefined) {
      throw new Error("there is no Chromium, and it cannot be installed");
    }
    console.log("Left out: there is no Chromium. Install one, or set CHROMIUM_BIN to its path.");
    context.skip();
  }
  return chromium.launch({ executablePath, args: ["--disable-dev-shm-usage"] });
}

async function findChromium(): Promise<string | undefined> {
  const given = process.env.CHROMIUM_BIN;
  if (given !== undefined && isExecutable(given)) {
    return given;
  }
  const found = findBinary(names);
  if (found !== undefined) {
    return found;
  }
  const isInstalled = await installDebianPackages(["chromium"], line => console.log(line));
  return isInstalled ? findBinary(names) : undefined;
}
