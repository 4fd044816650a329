import type { ServiceName } from "../services.ts";
import { alignColumns, type Desk, type Report } from "./command.ts";
import { type PlannedQueue, peekDeadLetters, plannedQueues } from "./queues.ts";

interface OutboxRow {
  readonly type: string;
  readonly topic: string;
  readonly state: string;
  readonly attempts: number;
  readonly createTime: string;
  readonly nextAttemptTime: string;
  readonly publishTime: string | null;
  readonly lastError: string | null;
  readonly traceparent: string | null;
  readonly body: string;
}

interface Hearing {
  readonly hearer: string;
  readonly queue: string;
  /** When the hearer handled it, or null. */
  readonly handledTime: string | null;
  readonly inDeadLetterQueue: boolean;
}

// Every dead letter has to be received to be seen, so there is an end to it.
const peekedMessages = 1000;

/** Shows where one event stands: its row in an outbox, and how far each of its hearers is. */
export async function show({ stores, progress }: Desk, eventId: string): Promise<Report> {
  const found = await findInOutboxes({ stores }, eventId);
  const queues = plannedQueues().filter(({ type }) => found === undefined || type === found.row.type);
  progress(`looking into ${queues.length} dead letter queues`);
  const hearings = await Promise.all(queues.map(planned => readHearing({ stores }, planned, eventId)));
  const known = hearings.filter(hearing => hearing.handledTime !== null || hearing.inDeadLetterQueue);
  const shown = found === undefined ? known : hearings;
  const json = {
    eventId,
    outbox: found === undefined ? null : { service: found.service, ...found.row },
    hearings: shown,
  };
  return { lines: render(eventId, found, shown), json, failed: found === undefined && known.length === 0 };
}

async function findInOutboxes(
  { stores }: Pick<Desk, "stores">,
  eventId: string,
): Promise<{ service: ServiceName; row: OutboxRow } | undefined> {
  for (const service of stores.services) {
    const [row] = await stores.inSchema(service, database =>
      database.query<OutboxRow>(
        `SELECT type, topic, state, attempts, CAST(create_time AS CHAR) AS createTime,
            CAST(next_attempt_time AS CHAR) AS nextAttemptTime, CAST(publish_time AS CHAR) AS publishTime,
            last_error AS lastError, traceparent, body
          FROM outbox WHERE event_id = ?`,
        [eventId],
      ),
    );
    if (row !== undefined) {
      return { service, row };
    }
  }
  return undefined;
}

async function readHearing(
  { stores }: Pick<Desk, "stores">,
  { hearer, queue, deadLetterQueue }: PlannedQueue,
  eventId: string,
): Promise<Hearing> {
  const [inbox] = await stores.inSchema(hearer as ServiceName, database =>
    database.query<{ handledTime: string }>(
      "SELECT CAST(create_time AS CHAR) AS handledTime FROM inbox WHERE event_id = ? AND consumer = ?",
      [eventId, queue],
    ),
  );
  const letters = await peekDeadLetters(stores.sqs, deadLetterQueue, peekedMessages);
  return {
    hearer,
    queue,
    handledTime: inbox?.handledTime ?? null,
    inDeadLetterQueue: letters.some(letter => letter.eventId === eventId),
  };
}

function render(
  eventId: string,
  found: { service: ServiceName; row: OutboxRow } | undefined,
  hearings: readonly Hearing[],
): string[] {
  const facts =
    found === undefined
      ? [["outbox", "in none; published events are removed after OUTBOX_KEEP_DAYS"]]
      : [
          ["type", found.row.type],
          ["topic", found.row.topic],
          ["outbox", `${found.service}, ${found.row.state}, ${found.row.attempts} attempts`],
          ["appended", `${found.row.createTime} UTC`],
          found.row.publishTime === null
            ? ["next attempt", found.row.state === "PENDING" ? `${found.row.nextAttemptTime} UTC` : "none"]
            : ["published", `${found.row.publishTime} UTC`],
          ["traceparent", found.row.traceparent ?? "-"],
          ["last error", found.row.lastError ?? "-"],
          ["body", found.row.body],
        ];
  const heard = hearings.map(({ hearer, queue, handledTime, inDeadLetterQueue }) => [
    hearer,
    queue,
    handledTime === null ? "no" : `${handledTime} UTC`,
    inDeadLetterQueue ? "yes" : "no",
  ]);
  return [
    ...alignColumns([["event", eventId], ...facts]),
    "",
    ...(heard.length === 0
      ? ["no inbox and no dead letter queue has it"]
      : alignColumns([["HEARER", "QUEUE", "HANDLED", "IN DEAD LETTER QUEUE"], ...heard])),
  ];
}
