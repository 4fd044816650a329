import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { findBinary } from "#dev/stack/servers/binary.ts";
import type { Language, Outcome } from "./generated-client.ts";
import { copyFiles, runTool } from "./run-tool.ts";

const files = ["go.mod", "go.sum", "main.go"].map(name => new URL(`go/${name}`, import.meta.url));

/** oapi-codegen, which `go.mod` pins. Go caches what it downloads and compiles by itself. */
export const go: Language = {
  name: "Go",
  missing: () => (findBinary(["go"]) === undefined ? "go is not on PATH" : undefined),
  async generate(documentFile, dir) {
    mkdirSync(join(dir, "generated"));
    copyFiles(files, dir);
    const target = ["-package", "generated", "-o", "generated/client.go"];
    const args = ["tool", "oapi-codegen", "-generate", "types,client", ...target, documentFile];
    await runTool("go", args, { cwd: dir });
    await runTool("go", ["build", "-o", "call", "."], { cwd: dir });
  },
  async call(dir, baseUrl, calls) {
    const input = JSON.stringify(calls);
    const { output } = await runTool(join(dir, "call"), [baseUrl], { cwd: dir, input });
    return JSON.parse(output) as Outcome[];
  },
};
