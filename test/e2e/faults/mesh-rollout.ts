import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect } from "chai";
import { createDatabase } from "#kit/data/database.ts";
import { migrate } from "#kit/data/migrate.ts";
import { type Given, isLong } from "../../support/faults/given.ts";
import { openShop, requireUnharmed, untilServed } from "../../support/faults/shop-through.ts";
import type { Shopping } from "../../support/faults/shopping.ts";
import { isTransient } from "../../support/market/purchase-runs.ts";
import { until } from "../../support/stack/until.ts";

// The one whose calls must not be repeated; all that have two replicas in the long form.
const rolled = isLong ? ["user", "question", "coupon", "point", "pay"] : ["pay"];

// What the next version of each service might add, while the present one reads and writes these tables.
const expansions: Readonly<Record<string, readonly string[]>> = {
  pay: ["purchase", "purchase_line", "purchase_discount", "task", "outbox", "inbox"],
  point: ["wallet", "ledger_entry", "reservation", "charge", "task", "outbox", "inbox"],
  coupon: ["coupon", "user_coupon", "reservation", "inbox"],
  question: ["question", "question_version", "entitlement", "reservation", "inbox", "outbox"],
  user: ["user", "session", "mail", "task", "inbox", "outbox"],
  cart: ["cart_line", "inbox"],
};

/** A new version that comes in while users shop. */
export function rollout(seed: string, given: Given): void {
  it("fails no call while replicas are restarted one after the other", async () => {
    const { mesh } = given();
    const shopping = await openShop(given, seed);
    await untilUndisturbed(shopping);
    for (const service of rolled) {
      for (const number of [1, 2]) {
        const { process } = mesh.replica(service, number);
        await process.stop();
        await process.start();
        const { calls } = shopping;
        await until(() => shopping.calls > calls + 10, "calls go on");
      }
    }
    await requireUnharmed(given, shopping);
    expectNoneFailed(shopping);
  });

  it("fails no call while every table gets a column of the next version", async () => {
    const { mesh, market } = given();
    const shopping = await openShop(given, seed);
    await untilUndisturbed(shopping);
    for (const [service, tables] of Object.entries(expansions)) {
      const url = mesh.stack.env[`${service.toUpperCase()}_MIGRATION_DATABASE_URL`] ?? "";
      await expand(url, tables);
    }
    await untilServed(market);
    await requireUnharmed(given, shopping);
    expectNoneFailed(shopping);
  });
}

const failuresOf = ({ refusals }: Shopping) =>
  [...refusals].filter(([reason]) => isTransient(reason) || reason.startsWith("["));

function expectNoneFailed(shopping: Shopping): void {
  expect(failuresOf(shopping)).to.deep.equal([]);
}

/** Waits until the calls find no connection any more that an earlier fault has left silent. */
async function untilUndisturbed(shopping: Shopping): Promise<void> {
  const callsInRow = 60;
  let { calls } = shopping;
  await until(() => {
    if (failuresOf(shopping).length > 0) {
      shopping.refusals.clear();
      calls = shopping.calls;
    }
    return shopping.calls > calls + callsInRow;
  }, "no call fails");
}

async function expand(url: string, tables: readonly string[]): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "next-version-"));
  const database = createDatabase({ url, poolSize: 1 });
  const add = (table: string) =>
    `ALTER TABLE ${table} ADD COLUMN next_version VARCHAR(20) NOT NULL DEFAULT '';\n`;
  writeFileSync(join(dir, "9001-next-version.sql"), tables.map(add).join(""));
  try {
    expect(await migrate(database, pathToFileURL(`${dir}/`))).to.deep.equal(["9001-next-version.sql"]);
  } finally {
    await database.close();
    rmSync(dir, { recursive: true });
  }
}
