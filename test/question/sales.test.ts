import { randomInt } from "node:crypto";
import { create, toJsonString } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { v7 as uuidv7 } from "uuid";
import { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { insertAll } from "#kit/data/sql.ts";
import { subscribe } from "#kit/events/consumer.ts";
import { type Databases, openDatabases } from "#ops/databases.ts";
import { statisticsJoin } from "#ops/invariants/statistics.ts";
import { compare, rebuild } from "#ops/statistics/counter.ts";
import { salesCounters } from "#ops/statistics/sales.ts";
import { questionsPurchased as inCreator } from "#services/creator/subscribers/questions-purchased.ts";
import { questionsPurchased as inQuestion } from "#services/question/subscribers/questions-purchased.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { addCreators } from "../support/component/creators.ts";
import { addCreator, addReadyDraft, openQuestionApp } from "../support/component/question.ts";
import { deliverInAnyOrder } from "../support/events/any-order.ts";

const services = ["pay", "question", "creator"];
const creatorIds = [1n, 2n];
const options = { graceSeconds: 0, pspDays: 1 };

interface Line {
  readonly questionId: bigint;
  readonly creatorId: bigint;
}

describe("the sales of questions and creators", function () {
  this.timeout(120_000);
  const inQuestions = subscribe(QuestionsPurchasedSchema, inQuestion);
  const inCreators = subscribe(QuestionsPurchasedSchema, inCreator);
  const shelf: Line[] = [];
  let databases: Databases;
  let lastUserId = 1000n;

  before(async () => {
    const environments = await Promise.all(services.map(componentEnvironment));
    databases = openDatabases(Object.assign({}, ...environments), services);
    const questions = await openQuestionApp(environments[1] ?? {});
    for (const creatorId of creatorIds) {
      await addCreator(questions, creatorId);
      for (let count = 0; count < 2; count += 1) {
        shelf.push({ creatorId, questionId: await addReadyDraft(questions, creatorId) });
      }
    }
    await questions.close();
    await addCreators(databases.of("creator"), creatorIds.length);
  });
  after(() => databases?.close());

  /** Purchases of new users as pay records and publishes them; returns the events. */
  const buy = async (count: number) => {
    const purchases = Array.from({ length: count }, () => {
      lastUserId += 1n;
      const first = randomInt(shelf.length);
      const lines = shelf.slice(first, first + 1 + randomInt(shelf.length));
      return { purchaseId: uuidv7(), requestId: crypto.randomUUID(), userId: lastUserId, lines };
    });
    await databases.of("pay").transaction(async tx => {
      const at = new Date();
      const rest = { requestHash: Buffer.alloc(32), state: "PAID", originalPoints: 0n, amountPoints: 0n };
      const rows = purchases.map(({ lines: _, ...ids }) => ({
        ...ids,
        ...rest,
        consentTime: at,
        finishTime: at,
      }));
      await insertAll(tx, "purchase", rows);
      await insertAll(
        tx,
        "purchase_line",
        purchases.flatMap(({ purchaseId, lines }) =>
          lines.map((line, index) => toRow(purchaseId, line, index)),
        ),
      );
    });
    return purchases.map(({ lines, ...ids }) => {
      const times = { createTime: timestampNow(), payTime: timestampNow() };
      const sold = lines.map(line => ({ ...line, version: 2 }));
      const event = create(QuestionsPurchasedSchema, { ...ids, ...times, lines: sold });
      return { eventId: crypto.randomUUID() as string, body: toJsonString(QuestionsPurchasedSchema, event) };
    });
  };
  const deliver = (events: Awaited<ReturnType<typeof buy>>) =>
    Promise.all([
      deliverInAnyOrder(events, inQuestions, databases.of("question")),
      deliverInAnyOrder(events, inCreators, databases.of("creator")),
    ]);
  const violations = async () => {
    const found: string[] = [];
    for (const counter of salesCounters) {
      for await (const line of compare(databases, counter, options)) {
        found.push(line);
      }
    }
    for await (const line of statisticsJoin.check({ databases, env: {} }, options)) {
      found.push(line);
    }
    return found;
  };
  const rebuilt = async () => {
    let corrected = 0;
    for (const counter of salesCounters) {
      for await (const _ of rebuild(databases, counter)) {
        corrected += 1;
      }
    }
    return corrected;
  };

  it("equal what was paid after 1,000 purchases, delivered twice and in random order", async () => {
    await deliver(await buy(1000));
    expect(await violations()).to.deep.equal([]);
    expect(await rebuilt(), "nothing to correct").to.equal(0);
  });

  it("are rebuilt while questions are sold, whatever is wrong with them", async () => {
    for (const [service, table] of [
      ["question", "question"],
      ["creator", "creator_statistics"],
    ] as const) {
      const database = databases.of(service);
      await database.execute(`UPDATE ${table} SET sales_count = sales_count + 5`);
      await database.execute("DELETE FROM sale ORDER BY sale_id LIMIT 20");
      await database.execute("UPDATE sale SET copies = copies + 1 ORDER BY sale_id DESC LIMIT 20");
      await database.execute("INSERT INTO sale SELECT UUID(), seq, 3 FROM seq_1_to_2");
    }
    expect(await violations()).to.have.length.greaterThan(20);
    const selling = async () => {
      for (let round = 0; round < 5; round += 1) {
        await deliver(await buy(20));
      }
    };
    const [corrected] = await Promise.all([rebuilt(), selling()]);
    expect(corrected).to.be.greaterThan(20);
    expect(await violations()).to.deep.equal([]);
    expect(await rebuilt()).to.equal(0);
  });
});

function toRow(purchaseId: string, { questionId, creatorId }: Line, index: number) {
  const names = {
    title: "",
    creatorName: "",
    parentCategoryTitle: "",
    categoryTitle: "",
    promotionTitle: "",
  };
  const points = {
    originalPoints: 0n,
    promotionDiscountPoints: 0n,
    couponDiscountPoints: 0n,
    amountPoints: 0n,
  };
  const ids = { purchaseId, lineNumber: index + 1, questionId, creatorId, version: 2 };
  const kinds = { subject: 1, categoryId: 2n, parentCategoryId: 1n, level: 1, promotionId: 0n };
  return { ...ids, ...names, ...kinds, ...points };
}
