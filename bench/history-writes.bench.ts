import { createConnection, Schema } from "mongoose";
import { claimTemporaryDirectory } from "#dev/stack/servers/directory.ts";
import { startMongo } from "#dev/stack/servers/mongo.ts";
import { reservePorts } from "#dev/stack/servers/ports.ts";
import { type QuestionsPurchased, QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { queueOf } from "#kit/contract/event.ts";
import { readEvent } from "#kit/events/consume.ts";
import { subscribeStore } from "#kit/events/consumer.ts";
import { createLog } from "#kit/process/log.ts";
import { createHistory, toDocument } from "#services/pay/db/history.ts";
import { compare } from "./compare.ts";
import { openServiceDatabase } from "./open-database.ts";
import { openQueues, runConsumer, takeSingly } from "./open-queues.ts";
import { sale } from "./sale.ts";

// 20,000 purchases as events, or as many as the argument says, to documents of the purchase history in a mongod, or in
// the simulator where there is none: one save() and one deletion for each message; and by the consumer of the services,
// which also inserts inbox rows.
const events = Number(process.argv[3] ?? 20_000);

const service = "pay";
const queue = queueOf(QuestionsPurchasedSchema, service);
const run = await claimTemporaryDirectory(new URL("../.data", import.meta.url).pathname, "bench-mongo");
const block = await reservePorts({ base: 29_300, count: 1 });
const mongo = await startMongo({ dir: run.dir, port: block.ports[0] ?? 0, log: () => {} });
const { database, close } = await openServiceDatabase(service);
const queues = await openQueues();
const uri = `${mongo.url}/bench`;
const history = await createHistory(uri, createLog(service, "warn"));
const subscription = subscribeStore(QuestionsPurchasedSchema, all => history.put(all), history.requireReady);

const connection = await createConnection(uri).asPromise();
const Saved = connection.model(
  "Saved",
  new Schema({ _id: String, userId: String, event: Object }, { versionKey: false, minimize: false }),
);

const prepare = async () => {
  await connection.collection("saveds").deleteMany({});
  await connection.collection("purchase_history").deleteMany({});
  await queues.send(
    queue,
    Array.from({ length: events }, () => sale()),
  );
};
const save = (eventId: string, body: string) =>
  new Saved(toDocument(readEvent(subscription, eventId, body) as QuestionsPurchased)).save();

try {
  await compare(
    "events",
    [
      {
        name: "one save() per message",
        prepare,
        run: () => takeSingly(queues, subscription, service, events, save),
      },
      {
        name: "kit/events/consumer.ts",
        prepare,
        run: () => runConsumer(queues, database, subscription, service, events),
      },
    ],
    3,
  );
} finally {
  await connection.close();
  await history.close();
  await mongo.stop();
  await block.release();
  await run.release();
  await queues.close();
  await close();
}
