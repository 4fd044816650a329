import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect } from "chai";
import { root } from "#dev/stack/root.ts";

describe("npm run gateway", () => {
  it("ends without an error when the reader of its output is gone", async () => {
    const command = spawn(process.execPath, [join(root, "gateway/main.ts"), "print"]);
    const errors: Buffer[] = [];
    command.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
    command.stdout.once("data", () => command.stdout.destroy());
    const [code] = await once(command, "close");
    expect(Buffer.concat(errors).toString()).to.equal("");
    expect(code).to.equal(0);
  });
});
