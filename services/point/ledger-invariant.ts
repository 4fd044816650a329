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
    yield* describeRows<{ userId: bigint; startTime: Date }>(
      database,
      { sql: differingMonths },
      ({ userId, startTime }) =>
        `the month of user ${userId} from ${startTime.toISOString()} does not end with what the next one opens with`,
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

// A month opens with what the one before opened with and its entries; the last one leads to the wallet.
const differingMonths = `SELECT user_id, start_time FROM (
    SELECT o.user_id, o.start_time,
      COALESCE(LEAD(o.paid_points) OVER months, w.paid_points) - o.paid_points - COALESCE(e.paid, 0) AS paid,
      COALESCE(LEAD(o.bonus_points) OVER months, w.bonus_points) - o.bonus_points - COALESCE(e.bonus, 0) AS bonus,
      COALESCE(LEAD(o.held_points) OVER months, w.held_points) - o.held_points - COALESCE(e.held, 0) AS held
    FROM month_opening o JOIN wallet w ON w.user_id = o.user_id
    LEFT JOIN (
      SELECT user_id,
        CAST(DATE_FORMAT(create_time + INTERVAL 9 HOUR, '%Y-%m-01') AS DATETIME) - INTERVAL 9 HOUR AS start_time,
        SUM(IF(account = 'PAID', delta_points, 0)) AS paid, SUM(IF(account = 'BONUS', delta_points, 0)) AS bonus,
        SUM(IF(account = 'HELD', delta_points, 0)) AS held
      FROM ledger_entry WHERE user_id IS NOT NULL GROUP BY 1, 2) e
      ON e.user_id = o.user_id AND e.start_time = o.start_time
    WINDOW months AS (PARTITION BY o.user_id ORDER BY o.start_time)) AS differences
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
