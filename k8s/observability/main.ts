import { parseArgs } from "node:util";
import { runCommand, UsageError } from "#ops/command-line.ts";
import { askAllQueries } from "./ask-prometheus.ts";

const usage = `npm run dashboards -- [--prometheus URL] [--minutes N]

Runs every query of every panel of every dashboard on a Prometheus, and prints those that have no data.
Exits with 0 when all have some, 1 when one has none, 2 when called wrongly.

  --prometheus URL  the Prometheus; by default that of the running local stack (npm start -- --observe)
  --minutes N       how far back data may be (10)
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      prometheus: { type: "string" },
      minutes: { type: "string", default: "10" },
      help: { type: "boolean", short: "h" },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return 0;
  }
  const minutes = Number(values.minutes);
  if (!Number.isInteger(minutes) || minutes < 1) {
    throw new UsageError("--minutes must be a whole number from 1");
  }
  const prometheusUrl = values.prometheus ?? (await findPrometheus());
  const answers = await askAllQueries(prometheusUrl, { seconds: minutes * 60, rateInterval: "1m" });
  const empty = answers.filter(({ lines }) => lines === 0);
  for (const { dashboard, panel, expr } of empty) {
    process.stdout.write(`no data  ${dashboard}, ${panel}: ${expr}\n`);
  }
  process.stdout.write(`${answers.length - empty.length} of ${answers.length} queries have data\n`);
  return empty.length === 0 ? 0 : 1;
}

async function findPrometheus(): Promise<string> {
  const dev = await import("#dev/stack/running-stack.ts").catch(() => undefined);
  const url = (await dev?.findRunningStack())?.prometheusUrl;
  if (url === undefined) {
    throw new UsageError(
      "no stack with a Prometheus is running: npm start -- --observe, or name one with --prometheus",
    );
  }
  return url;
}

await runCommand("dashboards", main);
