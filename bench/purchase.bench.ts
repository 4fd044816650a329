import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { testDurations } from "#dev/stack/environment.ts";
import { claimTemporaryDirectory } from "#dev/stack/servers/directory.ts";
import { type Stack, startStack } from "#dev/stack/stack.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { type Buyer, createMarket, type Market, purchaseRequest } from "#test/support/market/market.ts";
import { waitUntilIdle } from "#test/support/stack/wait-until-idle.ts";
import { imageEnvironment } from "./image-environment.ts";
import { printIdle, printPeaks, printRows } from "./purchase/footprint.ts";
import { callsOf, cpuOf, difference } from "./purchase/processes.ts";
import { type LoggedStatement, openStatementLog, type StatementLog } from "./purchase/statement-log.ts";
import { printRow } from "./report.ts";

// What one purchase of one question costs all services, its events included: statements that the server received,
// those before the answer among them, transactions, bytes to and from the database, calls, and CPU of the processes.
// What the services do without a purchase is measured first and subtracted. `--list` names every statement; `--rows`
// sells 800 more, and shows what stays of them in MariaDB and the memory of the services.
const services = serviceNames;
const questionCount = 65;
const parallel = 8;
const idleMs = 4000;

const rowBuyers = 32;

const countsRows = process.argv.includes("--rows");
const listed = process.argv.includes("--list");
const limits = Object.entries(testDurations).filter(([name]) => /^RATE_|_PER_HOUR$/.test(name));

/** One purchase after the other, each with all its events before the next. */
async function buyAlone(stack: Stack, buyer: Buyer, questionIds: readonly bigint[], log: StatementLog) {
  const idle = await recordIdle(log);
  const bytesBefore = await log.bytes();
  const [startMs, spans] = [Date.now(), [] as { startMs: number; endMs: number }[]];
  await log.start();
  for (const questionId of questionIds) {
    const callMs = Date.now();
    await buyer.pay.purchaseQuestions(purchaseRequest([questionId]));
    spans.push({ startMs: callMs, endMs: Date.now() });
    await waitUntilIdle(stack);
  }
  const statements = await log.stop();
  const idleRuns = (Date.now() - startMs) / idleMs;
  const isBefore = ({ timeMs }: LoggedStatement) =>
    spans.some(span => timeMs >= span.startMs && timeMs < span.endMs);
  const rows = countBy(statements);
  const idleRows = countBy(idle);
  const before = countBy(statements.filter(isBefore));
  const buys = questionIds.length;
  const table = [...rows]
    .map(([key, count]) => ({
      key,
      count: (count - (idleRows.get(key) ?? 0) * idleRuns) / buys,
      before: (before.get(key) ?? 0) / buys,
    }))
    .filter(row => row.count >= 0.2);
  printStatements(table);
  const medianMs = spans.map(span => span.endMs - span.startMs).toSorted((a, b) => a - b)[buys >> 1];
  printRow(["answer", "ms, median", medianMs ?? 0]);
  printRow(["bytes", "to and from MariaDB", (Math.round((await log.bytes()) - bytesBefore) / buys) | 0]);
}

async function recordIdle(log: StatementLog): Promise<LoggedStatement[]> {
  await log.start();
  await delay(idleMs);
  return log.stop();
}

function countBy(statements: readonly LoggedStatement[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { service, text } of statements) {
    const key = `${service}\t${text}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

interface StatementRow {
  readonly key: string;
  readonly count: number;
  readonly before: number;
}

function printStatements(rows: readonly StatementRow[]): void {
  const bySum = Map.groupBy(rows, ({ key }) => key.split("\t")[0] ?? "");
  printRow(["one after the other", "", "statements", "in answer", "commits"]);
  for (const [service, own] of [...bySum, ["all", rows] as const]) {
    const commits = own.filter(({ key }) => key.endsWith("COMMIT"));
    printRow([service, "", sum(own, "count"), sum(own, "before"), sum(commits, "count")]);
  }
  if (listed) {
    for (const { key, count, before } of rows.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
      process.stdout.write(
        `${count.toFixed(1).padStart(6)} ${before.toFixed(1).padStart(6)}  ${key.replace("\t", "  ")}\n`,
      );
    }
  }
}

function sum(rows: readonly StatementRow[], field: "count" | "before"): string {
  return rows.reduce((total, row) => total + row[field], 0).toFixed(1);
}

/** Purchases by several buyers at once, then all their events: CPU, calls and statements. */
async function buyTogether(stack: Stack, market: Market, log: StatementLog): Promise<void> {
  const buyers = await Promise.all(Array.from({ length: parallel }, () => market.createBuyer(10_000_000n)));
  await waitUntilIdle(stack);
  const idleCpu = cpuOf(stack);
  await delay(idleMs);
  const idle = difference(idleCpu, cpuOf(stack));
  for (const questionIds of [market.questionIds.slice(0, 5), market.questionIds.slice(5)]) {
    const [startMs, cpu, calls] = [Date.now(), cpuOf(stack), await callsOf(stack)];
    await log.start();
    await Promise.all(
      buyers.map(async buyer => {
        for (const questionId of questionIds) {
          await buyer.pay.purchaseQuestions(purchaseRequest([questionId]));
        }
      }),
    );
    const boughtMs = Date.now() - startMs;
    await waitUntilIdle(stack);
    const statements = await log.stop();
    const [tookMs, buys] = [Date.now() - startMs, buyers.length * questionIds.length];
    const used = difference(cpu, cpuOf(stack));
    const answered = difference(calls, await callsOf(stack));
    printRow([`${buys} purchases, ${parallel} at once`, "", "ms of CPU", "calls", "statements"]);
    const rows = [...used].map(([name, ms]) => ({
      name,
      ms: (ms - ((idle.get(name) ?? 0) / idleMs) * tookMs) / buys,
      calls: (answered.get(name) ?? 0) / buys,
      statements: statements.filter(({ service }) => service === name).length / buys,
    }));
    for (const row of rows) {
      printRow([row.name, "", row.ms.toFixed(1), row.calls.toFixed(1), row.statements.toFixed(1)]);
    }
    const total = (field: "ms" | "calls" | "statements") =>
      rows.reduce((all, row) => all + row[field], 0).toFixed(1);
    printRow([
      "all",
      `${(buys / (boughtMs / 1000)).toFixed(0)} purchases/s`,
      total("ms"),
      total("calls"),
      total("statements"),
    ]);
  }
}

const run = await claimTemporaryDirectory(join(import.meta.dirname, "../.data"), "bench");
const stack = await startStack({
  dir: run.dir,
  portBase: 29_200,
  log: () => {},
  processes: true,
  keepQueues: false,
  // As in the image, which is smaller.
  env: { ...Object.fromEntries(limits), ...imageEnvironment() },
});
const log = await openStatementLog(stack.mariadb.url, services);
try {
  const market = await createMarket(stack, { questionCount });
  const buyer = await market.createBuyer(10_000_000n);
  await buyer.pay.purchaseQuestions(purchaseRequest([market.questionIds[0] ?? 0n]));
  await waitUntilIdle(stack);
  if (countsRows) {
    await printIdle(stack);
  }
  await buyAlone(stack, buyer, market.questionIds.slice(1, 11), log);
  await buyTogether(stack, market, log);
  if (countsRows) {
    await printRows(stack, market, rowBuyers);
    printPeaks(stack);
  }
} finally {
  await log.close();
  await stack.stop();
  await run.release();
}
