import type { Check } from "./stores.ts";

/** The ledger sums to zero, and every wallet is the sum of its entries. */
export const ledgerCheck: Check = {
  name: "I1  ledger and wallets",
  async *run({ databases: { point } }) {
    const [total] = await point.query<{ sum: string | bigint | null }>(
      "SELECT SUM(delta_points) AS `sum` FROM ledger_entry",
    );
    if (BigInt(total?.sum ?? 0) !== 0n) {
      yield `all entries together are ${total?.sum}, not 0`;
    }
    const lonely = await point.query<{ reference: string; type: string }>(
      `SELECT reference, type FROM ledger_entry GROUP BY reference, type HAVING SUM(delta_points) <> 0 LIMIT 100`,
    );
    for (const { reference, type } of lonely) {
      yield `${type} ${reference} has one side only`;
    }
    const wrong = await point.query<{ user_id: bigint; wallet: string; entries: string }>(
      `SELECT user_id, GROUP_CONCAT(CONCAT(account, '=', wallet) ORDER BY account) AS wallet,
              GROUP_CONCAT(CONCAT(account, '=', entries) ORDER BY account) AS entries
         FROM (SELECT user_id, account, SUM(wallet) AS wallet, SUM(entries) AS entries FROM (
           SELECT user_id, account, 0 AS wallet, delta_points AS entries FROM ledger_entry WHERE user_id IS NOT NULL
           UNION ALL SELECT user_id, 'PAID', paid_points, 0 FROM wallet
           UNION ALL SELECT user_id, 'BONUS', bonus_points, 0 FROM wallet
           UNION ALL SELECT user_id, 'HELD', held_points, 0 FROM wallet) AS sides
         GROUP BY user_id, account HAVING SUM(wallet) <> SUM(entries)) AS differences
        GROUP BY user_id LIMIT 100`,
    );
    for (const { user_id: userId, wallet, entries } of wrong) {
      yield `the wallet of user ${userId} says ${wallet}, its entries ${entries}`;
    }
    const below = await point.query<{ user_id: bigint }>(
      "SELECT user_id FROM wallet WHERE paid_points < 0 OR bonus_points < 0 OR held_points < 0 LIMIT 100",
    );
    for (const { user_id: userId } of below) {
      yield `the wallet of user ${userId} is below zero`;
    }
  },
};
