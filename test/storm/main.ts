import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { createProgressLog } from "#dev/stack/progress.ts";
import { runCommand, UsageError } from "#ops/command-line.ts";
import { reportStorm } from "./report.ts";
import { runStorm } from "./storm.ts";

const usage = `npm run storm -- [--seed N] [--minutes M] [--users U]

Users charge points and buy questions while random faults happen: services, stores and the broker are killed, paused and
restarted, connections break in every way, clocks step, events are repeated, MariaDB is read-only, the PSP does not
answer. Then everything is healed, and all invariants must hold, and every purchase and charge that was acknowledged to
a user must be there. Exits with 0 if so, and with 1 otherwise.

  --seed N     repeats the choices of a storm (random)
  --minutes M  how long faults happen (3)
  --users U    how many users shop (500)
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seed: { type: "string", default: String(randomInt(1_000_000)) },
      minutes: { type: "string", default: "3" },
      users: { type: "string", default: "500" },
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
  const repeat = `npm run storm -- --seed ${seed} --minutes ${minutes} --users ${users}`;
  const progress = createProgressLog();
  progress.log(`A storm; to repeat it: ${repeat}`);
  const result = await runStorm({ seed, minutes, users, log: progress.log }).finally(progress.end);
  process.stdout.write(`${reportStorm(result)}\nrepeat    ${repeat}\n`);
  return result.violations.length === 0 ? 0 : 1;
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
