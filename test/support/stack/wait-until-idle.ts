import { GetQueueAttributesCommand, GetQueueUrlCommand, SQSClient } from "@aws-sdk/client-sqs";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { serviceNames } from "#kit/contract/contracts.ts";
import { planTopology } from "#ops/topology.ts";
import { until } from "./until.ts";

type Sql = Awaited<ReturnType<typeof connectAdmin>>;

/**
 * Waits until no work is left: events, tasks, and rows in a state that is not final. Gives up when what is
 * left does not change for 30 s, or longer, and lists it.
 */
export async function waitUntilIdle(stack: Stack, stuckMs?: number): Promise<void> {
  const sql = await connectAdmin(stack.mariadb.url);
  const sqs = new SQSClient({
    region: stack.env.AWS_REGION ?? "",
    endpoint: stack.env.AWS_ENDPOINT_URL ?? "",
  });
  const statements = await openWorkStatements(sql);
  let open: string[] = [];
  let idleChecks = 0;
  try {
    // Two checks, because work can move from a table that has not been read to one that has.
    await until(
      async () => {
        open = [...(await openRows(sql, statements)), ...(await openMessages(sqs))];
        idleChecks = open.length === 0 ? idleChecks + 1 : 0;
        return idleChecks === 2;
      },
      "nothing is left to do",
      { progress: () => open.join("\n"), ...(stuckMs !== undefined && { stuckMs }) },
    );
  } finally {
    sqs.destroy();
    await sql.end();
  }
}

/** Statements that count open work, by what they count. */
async function openWorkStatements(sql: Sql): Promise<ReadonlyMap<string, string>> {
  const tables: { schema: string; name: string }[] = await sql.query(
    "SELECT table_schema AS `schema`, table_name AS name FROM information_schema.tables WHERE table_schema IN (?)",
    [serviceNames],
  );
  const has = (schema: string, name: string) =>
    tables.some(table => table.schema === schema && table.name === name);
  const outboxes = serviceNames.map(
    schema => [`${schema}.outbox`, `SELECT COUNT(*) FROM ${schema}.outbox WHERE state = 'PENDING'`] as const,
  );
  const tasks = serviceNames
    .filter(schema => has(schema, "task"))
    .map(
      schema =>
        [`${schema}.task`, taskStatements.get(schema) ?? `SELECT COUNT(*) FROM ${schema}.task`] as const,
    );
  return new Map([
    ...outboxes,
    ...tasks,
    ["PENDING purchases", "SELECT COUNT(*) FROM pay.purchase WHERE state = 'PENDING'"],
    ["CONFIRMING charges", "SELECT COUNT(*) FROM point.charge WHERE state = 'CONFIRMING'"],
    ["PENDING mails", "SELECT COUNT(*) FROM user.mail WHERE state = 'PENDING'"],
  ]);
}

// No test waits for the task of an ORDERED charge, due when the order expires, nor for that of a withdrawal, due when
// access tokens end.
const taskStatements: ReadonlyMap<string, string> = new Map([
  ["user", "SELECT COUNT(*) FROM user.task WHERE kind = 'mail' OR due_time <= NOW(6)"],
  [
    "point",
    `SELECT COUNT(*) FROM point.task LEFT JOIN point.charge ON charge_id = id
      WHERE NOT (COALESCE(state, '') = 'ORDERED' AND due_time > NOW(6)) AND kind = 'charge'`,
  ],
]);

async function openRows(sql: Sql, statements: ReadonlyMap<string, string>): Promise<string[]> {
  const open: string[] = [];
  for (const [what, statement] of statements) {
    const [row] = await sql.query({ sql: statement, rowsAsArray: true });
    if (Number(row[0]) > 0) {
      open.push(`${what}: ${row[0]}`);
    }
  }
  return open;
}

async function openMessages(sqs: SQSClient): Promise<string[]> {
  const queues = planTopology().flatMap(plan => plan.queues.map(({ queue }) => queue));
  const counts = await Promise.all(queues.map(queue => countMessages(sqs, queue)));
  return queues.flatMap((queue, index) =>
    (counts[index] ?? 0) > 0 ? [`messages in ${queue}: ${counts[index]}`] : [],
  );
}

async function countMessages(sqs: SQSClient, queue: string): Promise<number> {
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName: queue }));
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }),
  );
  return (
    Number(Attributes.ApproximateNumberOfMessages) + Number(Attributes.ApproximateNumberOfMessagesNotVisible)
  );
}
