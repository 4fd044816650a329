import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { createProgressLog } from "#dev/stack/progress.ts";
import { runCommand, UsageError } from "#ops/command-line.ts";
import { reportRow, reportStorm } from "./report.ts";
import { runStorms } from "./storm.ts";

const usage = `npm run storm -- [--seed N] [--minutes M] [--users U] [--storms K]

Users charge points and buy questions while random faults happen: services, stores and the broker are killed, paused and
restarted, connections break in every way, clocks step, events are repeated, MariaDB is read-only, the PSP does not
answer. Then everything is healed, and all invariants must hold, and every purchase and charge that was acknowledged to
a user must be there. Exits with 0 if so, and with 1 otherwise.

  --seed N     repeats the choices of a storm (random)
  --minutes M  how long faults happen (3)
  --users U    how many users shop (500)
  --storms K   storms one after the other, with the seeds from N, a row of a table for each (1)
`;

// A fault that lasts longer did not heal by itself, which is worth a report.
const slowMs = 60_000;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: String(randomInt(1_000_000)) },
      minutes: { type: "string", default: "3" },
      users: { type: "string", default: "500" },
      storms: { type: "string", default: "1" },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const seed = read("--seed", values.seed, 0);
  const minutes = read("--minutes", values.minutes, 0.1);
  const users = read("--users", values.users, 1);
  const storms = read("--storms", values.storms, 1);
  const repeat = (first: number) => `npm run storm -- --seed ${first} --minutes ${minutes} --users ${users}`;
  const progress = createProgressLog();
  progress.log(`To repeat: ${repeat(seed)}${storms === 1 ? "" : ` --storms ${storms}`}`);
  const seeds = Array.from({ length: storms }, (_, index) => seed + index);
  let violations = 0;
  try {
    for await (const result of runStorms({ seeds, minutes, users, log: progress.log })) {
      violations += result.violations.length;
      const isSlow = result.happened.some(({ lastedMs }) => lastedMs > slowMs);
      const isRow = storms > 1 && result.violations.length === 0 && !isSlow;
      process.stdout.write(`${isRow ? reportRow(result) : reportStorm(result, repeat(result.seed))}\n`);
    }
  } finally {
    progress.end();
  }
  return violations === 0 ? 0 : 1;
}

function read(option: string, text: string, min: number): number {
  const value = Number(text);
  if (!Number.isFinite(value) || value < min) {
    throw new UsageError(`${option} must be a number from ${min}`);
  }
  return value;
}

await runCommand("storm", main);
process.exit();
