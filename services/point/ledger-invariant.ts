import { describeRows, type Invariant } from "#kit/data/invariants.ts";

/** The ledger sums to zero; wallets and totals equal its entries. */
export const ledgerInvariant: Invariant = {
  name: "I1 ledger and wallets",
  async *check(database) {
    const [total] = await database.query<{ points: string | null }>(
      "SELECT SUM(delta_points) AS points FROM ledger_entry",
    );
    if (BigInt(total?.points ?? 0) !== 0n) {
      yield `the sum of all entries is ${total?.points}, not 0`;
    }
    yield* describeRows<{ reference: string; type: string }>(
      database,
      {
        sql: "SELECT reference, type FROM ledger_entry GROUP BY reference, type HAVING SUM(delta_points) <> 0",
      },
      ({ reference, type }) => `${type} ${reference} has one side only`,
    );
    yield* describeRows<{ userId: bigint; wallet: string; entries: string }>(
      database,
      { sql: differingWallets },
      ({ userId, wallet, entries }) => `the wallet of user ${userId} has ${wallet}, its entries ${entries}`,
    );
    yield* describeRows<{ entryId: bigint }>(
      database,
      { sql: brokenChains },
      ({ entryId }) => `entry ${entryId} does not continue the balance of the one before it`,
    );
    yield* describeRows<{ userId: bigint }>(
      database,
      { sql: "SELECT user_id FROM wallet WHERE paid_points < 0 OR bonus_points < 0 OR held_points < 0" },
      ({ userId }) => `the wallet of user ${userId} is below zero`,
    );
    yield* describeRows<{ name: string; kept: string; points: string }>(
      database,
      { sql: differingTotals },
      ({ name, kept, points }) => `the total of ${name} points is ${kept}, and should be ${points}`,
    );
  },
};

// One statement, so that both sides are of one moment.
const differingTotals = `SELECT name, SUM(kept) AS kept, SUM(points) AS points FROM (
    SELECT 'paid' AS name, paid_points AS kept, 0 AS points FROM outstanding_points
    UNION ALL SELECT 'bonus', bonus_points, 0 FROM outstanding_points
    UNION ALL SELECT 'held', held_points, 0 FROM outstanding_points
    UNION ALL SELECT IF(source = 'PAID', 'charged', 'given'), points, 0 FROM issued_points
    UNION ALL SELECT LOWER(account), 0, delta_points FROM ledger_entry WHERE user_id IS NOT NULL
    UNION ALL SELECT IF(type = 'CHARGE', 'charged', 'given'), 0, delta_points FROM ledger_entry
      WHERE user_id IS NOT NULL AND type IN ('CHARGE', 'ADJUSTMENT') AND delta_points > 0) AS sides
  GROUP BY name HAVING SUM(kept) <> SUM(points)`;

const brokenChains = `SELECT entry_id FROM (
    SELECT entry_id,
      paid_points - COALESCE(LAG(paid_points) OVER of_user, 0) - IF(account = 'PAID', delta_points, 0) AS paid,
      bonus_points - COALESCE(LAG(bonus_points) OVER of_user, 0) - IF(account = 'BONUS', delta_points, 0) AS bonus,
      held_points - COALESCE(LAG(held_points) OVER of_user, 0) - IF(account = 'HELD', delta_points, 0) AS held
    FROM ledger_entry WHERE user_id IS NOT NULL
    WINDOW of_user AS (PARTITION BY user_id ORDER BY create_time, entry_id)) AS differences
  WHERE paid <> 0 OR bonus <> 0 OR held <> 0`;

const differingWallets = `SELECT user_id, GROUP_CONCAT(CONCAT(account, '=', wallet) ORDER BY account) AS wallet,
    GROUP_CONCAT(CONCAT(account, '=', entries) ORDER BY account) AS entries
  FROM (SELECT user_id, account, SUM(wallet) AS wallet, SUM(entries) AS entries FROM (
    SELECT user_id, account, 0 AS wallet, delta_points AS entries FROM ledger_entry WHERE user_id IS NOT NULL
    UNION ALL SELECT user_id, 'PAID', paid_points, 0 FROM wallet
    UNION ALL SELECT user_id, 'BONUS', bonus_points, 0 FROM wallet
    UNION ALL SELECT user_id, 'HELD', held_points, 0 FROM wallet) AS sides
  GROUP BY user_id, account HAVING SUM(wallet) <> SUM(entries)) AS differences
  GROUP BY user_id`;
