import type { PublishBatchCommand, SNSClient } from "@aws-sdk/client-sns";
import { v7 as uuidv7 } from "uuid";
import { PurchaseCancelledSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import type { Database } from "#kit/data/database.ts";
import { claimTasks, startTask } from "#kit/data/tasks.ts";
import { measureOutbox } from "#kit/events/measure-outbox.ts";
import { createOutbox } from "#kit/events/outbox.ts";
import { createRelay } from "#kit/events/relay.ts";
import { removeOldEvents } from "#kit/events/remove-old-events.ts";
import { createLog } from "#kit/process/log.ts";
import { createMetrics } from "#kit/process/metrics.ts";
import {
  endPurchase,
  findPurchaseByRequest,
  findPurchases,
  insertPurchase,
  listPaidIds,
  purchaseTask,
} from "#services/pay/db/purchases.ts";
import { type Growth, heavyUser, keysAt90, pageSize, timeOfRow, userOfRow } from "./work.ts";

const line = {
  questionId: 1n,
  version: 1,
  title: "수열의 극한",
  creatorId: 1n,
  creatorName: "문제 연구소",
  subject: Subject.MATHEMATICS,
  categoryId: 2n,
  parentCategoryId: 1n,
  parentCategoryTitle: "수학",
  categoryTitle: "미적분",
  level: 3,
  originalPoints: 10_000n,
  promotionId: 0n,
  promotionTitle: "",
  promotionDiscountPoints: 0n,
  couponDiscountPoints: 0n,
  amountPoints: 10_000n,
};
const price = { lines: [line], discounts: [], originalPoints: 10_000n, amountPoints: 10_000n };

const log = createLog("growth", "silent");
const metrics = createMetrics("growth");
const outbox = createOutbox(() => {});

/** Purchases of one question, three for ten ledger entries, and published events, one for ten. */
export function purchases(entries: number): Growth {
  const rows = Math.ceil(entries * 0.3);
  const events = Math.ceil(entries * 0.1);
  const time = timeOfRow(rows);
  const purchase = {
    user_id: userOfRow,
    state: "'PAID'",
    amount_points: "0",
    create_time: time,
    finish_time: time,
  };
  const published = { state: "'PUBLISHED'", body: "REPEAT('x', 500)", publish_time: "NOW(6)" };
  const lines = { line_number: "0", amount_points: "0", promotion_discount_points: "0" };
  const zero = { original_points: "0", coupon_discount_points: "0" };
  return {
    service: "pay",
    loads: [
      { table: "purchase", rows, values: purchase },
      { table: "purchase_line", rows, values: { ...lines, ...zero, title: "'수열의 극한'" } },
      { table: "outbox", rows: events, values: published },
      { table: "inbox", rows: events, values: { create_time: "NOW(6)" } },
    ],
    prepare: async () => {},
    works: [
      { name: "purchase with its event", times: 300, run: buy },
      { name: "a request that came before", times: 300, run: repeat },
      { name: "page of purchases", times: 300, run: database => readPage(database, undefined) },
      { name: "page of them at 90 %", times: 300, run: deepPage },
      { name: "event published by the relay", times: 300, run: publishOne },
      { name: "relay without events", times: 300, run: relayOf },
      { name: "cleanup of outbox and inbox", times: 300, run: database => removeOldEvents(database, 14)() },
      { name: "gauges of the outbox", times: 300, run: database => measureOutbox({ database, metrics })() },
      {
        name: "look for purchases to resolve",
        times: 300,
        run: database => claimTasks(database, purchaseTask, 20, { instance: "one", claimMs: 1000 }),
      },
    ],
  };
}

const lastRequests = new Map<Database, string>();

async function buy(database: Database): Promise<void> {
  const purchaseId = uuidv7();
  const requestId = uuidv7();
  const opened = { purchaseId, userId: heavyUser, requestId, requestHash: Buffer.alloc(32), price };
  const purchase = await database.transaction(async tx => {
    await startTask(tx, purchaseTask, purchaseId, { instance: "one", claimMs: 60_000 });
    return insertPurchase(tx, opened);
  });
  await database.transaction(async tx => {
    if (purchase === undefined) {
      throw new Error("the request id is taken");
    }
    const outcome = { state: "PAID", cancelReason: null, cancelMetadata: null } as const;
    await endPurchase(tx, purchase, outcome, () => append(tx, purchaseId));
  });
  lastRequests.set(database, requestId);
}

const append = (tx: Parameters<typeof outbox.append>[0], purchaseId: string) =>
  outbox.append(tx, PurchaseCancelledSchema, { purchaseId, userId: heavyUser, reason: "NOT_ENOUGH_POINT" });

const repeat = (database: Database) =>
  findPurchaseByRequest(database, heavyUser, lastRequests.get(database) ?? "");

async function readPage(database: Database, after: readonly string[] | undefined): Promise<void> {
  const { rows } = await listPaidIds(database, heavyUser, { after, limit: pageSize });
  await findPurchases(database, rows);
}

const deepPage = async (database: Database) =>
  readPage(database, await keysAt90(database, "purchase", ["purchase_id"]));

async function publishOne(database: Database): Promise<void> {
  await database.transaction(tx => append(tx, uuidv7()));
  await relayOf(database);
}

/** Publishes to a topic that takes everything at once. */
function relayOf(database: Database): Promise<boolean> {
  const send = ({ input }: PublishBatchCommand) =>
    Promise.resolve({ Successful: input.PublishBatchRequestEntries?.map(({ Id }) => ({ Id })) });
  const sns = { send } as unknown as SNSClient;
  return createRelay({ database, sns, topicArnPrefix: "", metrics, log, retryMs: 1000, maxAttempts: 3 })();
}
