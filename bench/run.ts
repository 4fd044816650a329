import { readdirSync } from "node:fs";

const names = readdirSync(import.meta.dirname)
  .filter(file => file.endsWith(".bench.ts"))
  .map(file => file.replace(".bench.ts", ""));

const usage = `npm run bench -- <name>

Runs a benchmark: baseline and candidate in turns, in one run, and the median ratio. Names: ${names.join(", ")}.
`;

const [name = ""] = process.argv.slice(2);
if (names.includes(name)) {
  await import(`./${name}.bench.ts`);
} else {
  process.stderr.write(usage);
  process.exitCode = name === "--help" || name === "-h" ? 0 : 2;
}
