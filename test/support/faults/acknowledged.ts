import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import type { Tally } from "./visit.ts";

type Acknowledged = Pick<Tally, "paid" | "charged">;

/** Fails unless everything that was acknowledged to buyers is in the databases. */
export async function requireAcknowledged(stack: Stack, tally: Acknowledged): Promise<void> {
  const missing = await missingOf(stack, tally);
  if (missing.length > 0) {
    throw new Error(`acknowledged, but not there:\n${missing.join("\n")}`);
  }
}

/** What was acknowledged to buyers and is not in the databases. */
export async function missingOf(stack: Stack, { paid, charged }: Acknowledged): Promise<string[]> {
  const sql = await connectAdmin(stack.mariadb.url);
  try {
    const present = async (statement: string) =>
      new Set((await sql.query(statement)).map((row: { id: string }) => row.id));
    const purchases = await present("SELECT purchase_id AS id FROM pay.purchase WHERE state = 'PAID'");
    const charges = await present("SELECT charge_id AS id FROM point.charge WHERE state = 'CHARGED'");
    return [
      ...[...paid].filter(id => !purchases.has(id)).map(id => `purchase ${id}`),
      ...[...charged].filter(id => !charges.has(id)).map(id => `charge ${id}`),
    ];
  } finally {
    await sql.end();
  }
}
