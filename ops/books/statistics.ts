import type { Database } from "#kit/database.ts";
import type { Check } from "./stores.ts";

/** Sales counters are what was sold. */
export const statisticsCheck: Check = {
  name: "I6  sales counters",
  async *run({ databases }, { graceSeconds }) {
    const settled = `p.state = 'PAID' AND p.finish_time <= NOW(6) - INTERVAL ${graceSeconds} SECOND`;
    for (const [name, column, counters] of [
      [
        "question",
        "question_id",
        await countersOf(databases.question, "SELECT question_id AS id, sales_count AS sales FROM question"),
      ],
      [
        "creator",
        "creator_id",
        await countersOf(
          databases.creator,
          "SELECT creator_id AS id, sales_count AS sales FROM creator_statistics",
        ),
      ],
    ] as const) {
      const sold = await countersOf(
        databases.pay,
        `SELECT l.${column} AS id, COUNT(*) AS sales FROM purchase_line l JOIN purchase p ON p.purchase_id = l.purchase_id
          WHERE ${settled} GROUP BY l.${column}`,
      );
      for (const id of new Set([...counters.keys(), ...sold.keys()])) {
        const counted = counters.get(id) ?? 0n;
        const actual = sold.get(id) ?? 0n;
        const wrong = graceSeconds === 0 ? counted !== actual : counted < actual;
        if (wrong) {
          yield `${name} ${id} counts ${counted} sales, ${actual} were paid`;
        }
      }
    }
  },
};

async function countersOf(database: Database, sql: string): Promise<Map<bigint, bigint>> {
  const rows = await database.query<{ id: bigint; sales: bigint }>(sql);
  return new Map(rows.map(({ id, sales }) => [id, BigInt(sales)]));
}
