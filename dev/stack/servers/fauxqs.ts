import { parseArgs } from "node:util";
import { buildApp } from "fauxqs";
// What the package exports listens on every interface, so its parts are imported one by one.
import { PersistenceManager } from "../../../node_modules/fauxqs/dist/persistence.js";
import { S3Store } from "../../../node_modules/fauxqs/dist/s3/s3Store.js";
import { SnsStore } from "../../../node_modules/fauxqs/dist/sns/snsStore.js";
import { SqsStore } from "../../../node_modules/fauxqs/dist/sqs/sqsStore.js";

const { values } = parseArgs({
  options: { port: { type: "string" }, region: { type: "string" }, data: { type: "string" } },
});
const stores = { sqsStore: new SqsStore(), snsStore: new SnsStore(), s3Store: new S3Store() };
const persistence = values.data ? restore(values.data) : undefined;
const app = buildApp({ logger: false, stores, ...(values.region ? { defaultRegion: values.region } : {}) });
app.addHook("preClose", async () => persistence?.close());
await app.listen({ port: Number(values.port), host: "127.0.0.1" });
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => app.close());
}

/** Stores are filled before persistence is attached to them; otherwise loading would write every row again. */
function restore(data: string): PersistenceManager {
  const manager = new PersistenceManager(data);
  manager.load(stores.sqsStore, stores.snsStore, stores.s3Store);
  for (const store of Object.values(stores)) {
    store.persistence = manager;
  }
  for (const queue of stores.sqsStore.allQueues()) {
    queue.persistence = manager;
  }
  return manager;
}
