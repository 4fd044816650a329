import { create } from "@bufbuild/protobuf";
import { PurchaseQuestionsRequestSchema, type PurchaseState } from "#gen/questioncloud/pay/v1/payment_pb.ts";
import type { Database } from "#kit/data/database.ts";
import type { Environment } from "#kit/process/config.ts";
import { readConfig } from "#kit/process/read-config.ts";
import { type App, createApp } from "#services/pay/app.ts";
import { config } from "#services/pay/config.ts";
import { findPurchaseByRequest } from "#services/pay/db/purchases.ts";
import type { Purchase } from "#services/pay/domain/purchase.ts";
import { resolvePurchases } from "#services/pay/jobs/resolve-purchases.ts";
import { purchaseQuestions } from "#services/pay/rpc/purchase-questions.ts";
import { callContextOf } from "./call-context.ts";
import { createFakeParticipants, type FakeParticipants } from "./participants.ts";

// The time limit of an attempt, and how long a claim lasts unless renewed.
const durations = {
  PAY_WORK_MS: "150",
  PAY_CLAIM_MS: "150",
  PAY_RESOLVE_BASE_MS: "10",
  PAY_RESOLVE_MAX_MS: "20",
};

/** Replicas of the pay service on one real schema, with participants in memory. */
export interface PayComponent {
  readonly participants: FakeParticipants;
  /** A replica; one that crashed reaches nothing any more. */
  createReplica(): Promise<PayReplica>;
  /** Events in the outbox about a purchase, by the name of their message. */
  eventsOf(purchaseId: string): Promise<string[]>;
  /** Tasks that are left for a purchase. */
  tasksOf(purchaseId: string): Promise<number>;
  /** Makes a purchase look older than it is. */
  age(purchaseId: string, seconds: number): Promise<void>;
  close(): Promise<void>;
}

/** One process of the pay service, without listeners. */
export interface PayReplica {
  readonly app: App;
  /** Purchases one question with a coupon, as a buyer calls it. */
  purchase(requestId: string): Promise<PurchaseState | undefined>;
  /** Runs the resolver until the purchase is not pending any more. */
  resolve(requestId: string): Promise<Purchase>;
  find(requestId: string): Promise<Purchase | undefined>;
}

const buyerId = 1n;

/** Opens the component on the environment of a component test. */
export async function createPayComponent(env: Environment): Promise<PayComponent> {
  const settings = readConfig({ ...env, PAY_MONGODB_URI: "mongodb://127.0.0.1:1", ...durations }, config);
  let crashed = new Set<App>();
  let active: App | undefined;
  const participants = createFakeParticipants(() => {
    if (active !== undefined) {
      crashed = crashed.add(active);
    }
  });
  const apps: App[] = [];
  const history = { list: async () => undefined, close: async () => {} } as unknown as App["history"];
  const open = async () => {
    const app = await createApp(settings, { history, clients: participants.clients });
    apps.push(app);
    return app;
  };
  const observer = await open();
  return {
    participants,
    async createReplica() {
      const opened = await open();
      const app: App = { ...opened, database: mortal(opened.database, () => crashed.has(app)) };
      active = app;
      return toReplica(app, observer);
    },
    async eventsOf(purchaseId) {
      const rows = await observer.database.query<{ type: string }>(
        "SELECT type FROM outbox WHERE body LIKE ?",
        [`%${purchaseId}%`],
      );
      return rows.map(({ type }) => type.slice(type.lastIndexOf(".") + 1));
    },
    async tasksOf(purchaseId) {
      return (await observer.database.query("SELECT 1 FROM task WHERE id = ?", [purchaseId])).length;
    },
    async age(purchaseId, seconds) {
      await observer.database.execute(
        "UPDATE purchase SET create_time = create_time - INTERVAL ? SECOND WHERE purchase_id = ?",
        [seconds, purchaseId],
      );
    },
    async close() {
      await Promise.all(apps.map(app => app.close()));
    },
  };
}

function toReplica(app: App, observer: App): PayReplica {
  const find = (requestId: string) => findPurchaseByRequest(observer.database, buyerId, requestId);
  return {
    app,
    find,
    async purchase(requestId) {
      const request = create(PurchaseQuestionsRequestSchema, {
        requestId,
        basket: { lines: [{ questionId: 11n, userCouponId: 21n }] },
        consentToImmediateUse: true,
      });
      const { purchase } = await purchaseQuestions(app)(request, callContextOf(buyerId));
      return purchase?.state;
    },
    async resolve(requestId) {
      const { run, finish } = resolvePurchases(app);
      for (;;) {
        const purchase = await find(requestId);
        if (purchase !== undefined && purchase.state !== "PENDING") {
          return purchase;
        }
        await run(new AbortController().signal);
        await finish?.();
        await new Promise(resolve => setTimeout(resolve, 5));
      }
    },
  };
}

/** A database that a crashed process cannot reach any more. */
function mortal(database: Database, isDead: () => boolean): Database {
  const guard = <T>(work: () => Promise<T>): Promise<T> =>
    isDead() ? Promise.reject(new Error("the process is dead")) : work();
  return {
    ...database,
    query: (sql, values) => guard(() => database.query(sql, values)),
    execute: (sql, values) => guard(() => database.execute(sql, values)),
    transaction: work => guard(() => database.transaction(work)),
  };
}
