import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import type { Market } from "#test/support/market/market.ts";
import { purchaseRequest } from "#test/support/market/market.ts";
import { waitUntilIdle } from "#test/support/stack/wait-until-idle.ts";
import { printRow } from "../report.ts";
import { cpuOf, difference } from "./processes.ts";

const idleMs = 10_000;
const parallel = 8;

/** Prints what each service needs without calls: CPU in thousandths of a core, and its memory. */
export async function printIdle(stack: Stack): Promise<void> {
  const before = cpuOf(stack);
  await delay(idleMs);
  const used = difference(before, cpuOf(stack));
  printRow(["idle", "", "m of CPU", "MB"]);
  for (const [name, ms] of used) {
    printRow([name, "", (ms / (idleMs / 1000)).toFixed(1), memoryOf(stack, name, "VmRSS")]);
  }
}

/** Prints the most memory that each service has had. */
export function printPeaks(stack: Stack): void {
  printRow(["at most", "", "MB"]);
  for (const name of stack.processes.keys()) {
    printRow([name, "", memoryOf(stack, name, "VmHWM")]);
  }
}

function memoryOf({ processes }: Stack, name: string, field: "VmRSS" | "VmHWM"): number {
  const status = readFileSync(`/proc/${processes.get(name)?.pid}/status`, "utf8");
  return Math.round((Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1]) * 1024) / 1e6);
}

/** Sells each question to this many buyers and prints what stays of a purchase in MariaDB, and what it writes. */
export async function printRows(stack: Stack, market: Market, buyerCount: number): Promise<void> {
  const admin = await connectAdmin(stack.mariadb.url);
  try {
    const buyers = await Promise.all(
      Array.from({ length: buyerCount }, () => market.createBuyer(10_000_000n)),
    );
    await waitUntilIdle(stack);
    const before = await storedBytes(admin);
    const waiting = [...buyers];
    const sell = async () => {
      for (let buyer = waiting.pop(); buyer !== undefined; buyer = waiting.pop()) {
        for (const questionId of market.questionIds) {
          await buyer.pay.purchaseQuestions(purchaseRequest([questionId]));
        }
      }
    };
    await Promise.all(Array.from({ length: parallel }, sell));
    await waitUntilIdle(stack);
    const after = await storedBytes(admin);
    const buys = buyerCount * market.questionIds.length;
    printRow([`${buys} purchases`, "", "each"]);
    const each = (from: number, to: number) => Math.round((to - from) / buys);
    printRow(["bytes of rows and indexes", "", each(before.tables, after.tables)]);
    printRow(["bytes of the redo log", "", each(before.redo, after.redo)]);
  } finally {
    await admin.end();
  }
}

type Admin = Awaited<ReturnType<typeof connectAdmin>>;

async function storedBytes(admin: Admin): Promise<{ tables: number; redo: number }> {
  const named: { name: string }[] = await admin.query(
    `SELECT CONCAT('\`', table_schema, '\`.\`', table_name, '\`') AS name FROM information_schema.tables
      WHERE table_type = 'BASE TABLE' AND engine = 'InnoDB' AND table_schema <> 'mysql'`,
  );
  await admin.query(`ANALYZE TABLE ${named.map(({ name }) => name).join(", ")}`);
  const [size]: { bytes: bigint }[] = await admin.query(
    `SELECT CAST(SUM(data_length + index_length) AS SIGNED) AS bytes FROM information_schema.tables
      WHERE engine = 'InnoDB' AND table_schema <> 'mysql'`,
  );
  const [redo]: { Value: string }[] = await admin.query(
    "SHOW GLOBAL STATUS WHERE variable_name = 'Innodb_os_log_written'",
  );
  return { tables: Number(size?.bytes), redo: Number(redo?.Value) };
}
