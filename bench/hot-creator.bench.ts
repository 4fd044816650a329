import { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { queueOf } from "#kit/contract/event.ts";
import { consume, readEvent } from "#kit/events/consume.ts";
import { subscribe } from "#kit/events/consumer.ts";
import { questionsPurchased } from "#services/creator/subscribers/questions-purchased.ts";
import { addCreators } from "#test/support/component/creators.ts";
import { compare } from "./compare.ts";
import { openServiceDatabase } from "./open-database.ts";
import { openQueues, runConsumer, takeSingly } from "./open-queues.ts";
import { sale } from "./sale.ts";

// 10,000 sales of one creator, or as many as the argument says, as events: each in a transaction of its own, with an
// UPDATE of the creator's statistics; and by the consumer of the services, which adds up what it receives together.
const sales = Number(process.argv[3] ?? 10_000);

const service = "creator";
const subscription = subscribe(QuestionsPurchasedSchema, questionsPurchased);
const queue = queueOf(QuestionsPurchasedSchema, service);
const { database, close } = await openServiceDatabase(service);
const queues = await openQueues();
await addCreators(database, 1);

async function updatesDuring(work: () => Promise<number>): Promise<number> {
  const before = await rowsUpdated();
  const done = await work();
  const perThousand = (((await rowsUpdated()) - before) / done) * 1000;
  process.stdout.write(`  ${perThousand.toFixed(1)} updates in 1,000 events\n`);
  return done;
}

async function rowsUpdated(): Promise<number> {
  const [row] = await database.query<{ Value: string }>("SHOW GLOBAL STATUS LIKE 'Handler_update'");
  return Number(row?.Value);
}

const prepare = () =>
  queues.send(
    queue,
    Array.from({ length: sales }, () => sale()),
  );
const one = async (eventId: string, body: string) => {
  const event = readEvent(subscription, eventId, body);
  await consume(subscription, queue, [{ eventId, event, inTrace: work => work() }], database);
};

try {
  await compare(
    "events",
    [
      {
        name: "one UPDATE per event",
        prepare,
        run: () => updatesDuring(() => takeSingly(queues, subscription, service, sales, one)),
      },
      {
        name: "kit/events/consumer.ts",
        prepare,
        run: () => updatesDuring(() => runConsumer(queues, database, subscription, service, sales)),
      },
    ],
    3,
  );
  const [row] = await database.query<{ counted: bigint; sold: bigint }>(
    "SELECT sales_count AS counted, (SELECT COUNT(*) FROM sale) AS sold FROM creator_statistics",
  );
  process.stdout.write(`${row?.sold} sold, ${row?.counted} counted\n`);
} finally {
  await queues.close();
  await close();
}
