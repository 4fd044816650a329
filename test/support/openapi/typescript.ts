import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "#dev/stack/root.ts";
import type { Call, Language, Outcome } from "./generated-client.ts";
import { installTool, runTool } from "./run-tool.ts";

const files = ["package-lock.json", "package.json"].map(
  name => new URL(`typescript/${name}`, import.meta.url),
);

const compilerOptions = {
  target: "es2024",
  lib: ["es2024", "dom", "dom.iterable"],
  module: "nodenext",
  types: [],
  strict: true,
  noEmit: true,
  allowImportingTsExtensions: true,
  skipLibCheck: true,
};

/** Hey API, on `fetch`. Calls are written as code, so that the compiler compares them with the types. */
export const typescript: Language = {
  name: "TypeScript",
  missing: () => undefined,
  async generate(documentFile, dir) {
    const tool = await installTool(files, folder =>
      runTool("npm", ["ci", "--no-audit", "--no-fund", "--ignore-scripts"], { cwd: folder }),
    );
    mkdirSync(join(dir, "client"));
    writeFileSync(join(dir, "package.json"), JSON.stringify({ type: "module" }));
    writeFileSync(join(dir, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }));
    writeFileSync(
      join(dir, "openapi-ts.config.js"),
      `export default ${JSON.stringify({
        input: documentFile,
        output: { path: join(dir, "client"), module: { extension: ".ts" } },
        plugins: ["@hey-api/client-fetch", "@hey-api/typescript", "@hey-api/sdk"],
        logs: { file: false },
      })}`,
    );
    const generator = join(tool, "node_modules/@hey-api/openapi-ts/bin/run.js");
    await runTool(process.execPath, [generator], { cwd: dir });
  },
  async call(dir, baseUrl, calls) {
    const sdk = readFileSync(join(dir, "client/sdk.gen.ts"), "utf8");
    const functions = new Map(
      [...sdk.matchAll(/^export const (\w+)/gm)].map(([, name = ""]) => [name.toLowerCase(), name]),
    );
    writeFileSync(join(dir, "call.ts"), writeProgram(functions, baseUrl, calls));
    await runTool(join(root, "node_modules/.bin/tsc"), ["--project", dir], { cwd: dir });
    const { output } = await runTool(process.execPath, ["call.ts"], { cwd: dir });
    return JSON.parse(output) as Outcome[];
  },
};

function writeProgram(
  functions: ReadonlyMap<string, string>,
  baseUrl: string,
  calls: readonly Call[],
): string {
  const lines = calls.flatMap(call => {
    const name = functions.get(call.operation);
    const argument = "encoding" in call.arguments ? "query" : "body";
    const client = `createClient({ baseUrl: "${baseUrl}", auth: "${call.token}" })`;
    const options = `{ client: ${client}, ${argument}: ${JSON.stringify(call.arguments)} }`;
    return name === undefined ? [] : [`note("${call.operation}", await sdk.${name}(${options}));`];
  });
  return `
import { createClient } from "./client/client/index.ts";
import * as sdk from "./client/sdk.gen.ts";
import type { Error as Refusal } from "./client/types.gen.ts";

type Result = { data?: unknown; error?: Refusal | Error | undefined; response?: Response };

const outcomes: object[] = [];
${lines.join("\n")}
console.log(JSON.stringify(outcomes));

function note(operation: string, { data, error, response }: Result) {
  outcomes.push({ operation, status: response?.status, parsed: data ?? error ?? null });
}
`;
}
