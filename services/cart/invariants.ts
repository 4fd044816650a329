import { describeRows, type Invariant } from "#kit/data/invariants.ts";
import { capacityLines } from "./domain/additions.ts";

const capacity: Invariant = {
  name: "I4 carts and their capacity",
  check: database =>
    describeRows<{ userId: bigint; lineCount: bigint }>(
      database,
      {
        sql: `SELECT user_id, COUNT(*) AS line_count FROM cart_line
          GROUP BY user_id HAVING line_count > ${capacityLines}`,
      },
      ({ userId, lineCount }) => `the cart of user ${userId} has ${lineCount} lines`,
    ),
};

/** What always holds over the rows of cart. */
export const invariants: readonly Invariant[] = [capacity];
