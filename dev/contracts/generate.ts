import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";

const { values } = parseArgs({ options: { output: { type: "string", default: "." } } });
const run = (command: string, ...args: string[]) => execFileSync(command, args, { stdio: "inherit" });

// Writes `gen/` below --output, the project itself by default.
run(process.execPath, "dev/contracts/validate-proto.ts");
run("buf", "generate", "--output", values.output);
run("buf", "build", ".", "--output", `${values.output}/gen/comments.binpb`);
run("buf", "build", ".", "--exclude-source-info", "--output", `${values.output}/gen/contracts.binpb`);
