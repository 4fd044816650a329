import type { Check } from "./stores.ts";

const rules = {
  point: [
    [
      "CHARGED without its time or payment key",
      "SELECT charge_id AS id FROM charge WHERE state = 'CHARGED' AND (charge_time IS NULL OR payment_key IS NULL)",
    ],
    [
      "credited though not CHARGED",
      "SELECT charge_id AS id FROM charge WHERE state <> 'CHARGED' AND charge_time IS NOT NULL",
    ],
    [
      "CONFIRMING without payment key or idempotency key",
      "SELECT charge_id AS id FROM charge WHERE state = 'CONFIRMING' AND (payment_key IS NULL OR idempotency_key IS NULL)",
    ],
  ],
  question: [
    [
      "versions with gaps",
      "SELECT question_id AS id FROM question_version GROUP BY question_id HAVING COUNT(*) <> MAX(version) OR MIN(version) <> 1",
    ],
    [
      "current version missing",
      "SELECT q.question_id AS id FROM question q LEFT JOIN question_version v ON v.question_id = q.question_id AND v.version = q.version WHERE v.version IS NULL",
    ],
    [
      "on sale without ever being published",
      "SELECT question_id AS id FROM question WHERE state = 'PUBLISHED' AND publish_time IS NULL",
    ],
  ],
  user: [
    [
      "sessions of users who are not active",
      "SELECT s.session_id AS id FROM session s JOIN user u ON u.user_id = s.user_id WHERE u.status <> 'ACTIVE' AND s.end_time IS NULL",
    ],
  ],
} as const;

/** States and versions only ever moved along their paths. */
export const stateCheck: Check = {
  name: "I8  states and versions",
  async *run({ databases }) {
    for (const service of ["point", "question", "user"] as const) {
      for (const [what, sql] of rules[service]) {
        for (const { id } of await databases[service].query<{ id: string | bigint }>(`${sql} LIMIT 100`)) {
          yield `${service}: ${what}: ${id}`;
        }
      }
    }
  },
};
