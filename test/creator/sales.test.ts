import { randomInt, randomUUID } from "node:crypto";
import { create, toJsonString } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { subscribe } from "#kit/events/consumer.ts";
import { questionsPurchased } from "#services/creator/subscribers/questions-purchased.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { addCreators } from "../support/component/creators.ts";
import { deliverInAnyOrder } from "../support/events/any-order.ts";

const creators = 5;
const purchases = 400;

describe("the sales of a creator", () => {
  let database: Database;

  before(async function () {
    this.timeout(120_000);
    const { CREATOR_DATABASE_URL: url = "" } = await componentEnvironment("creator");
    database = createDatabase({ url, poolSize: 10 });
    await addCreators(database, creators);
  });
  after(() => database?.close());

  it("are as many as 1,000 random lines of purchases, delivered twice and in random order", async () => {
    const sold = Array.from({ length: purchases }, (_, index) =>
      Array.from({ length: 2 + (index % 2) }, () => BigInt(1 + randomInt(creators))),
    );
    const events = sold.map(creatorIds => ({ eventId: randomUUID(), body: bodyOf(creatorIds) }));
    const subscription = subscribe(QuestionsPurchasedSchema, questionsPurchased);
    await deliverInAnyOrder(events, subscription, database, { versioned: false });
    const rows = await database.query<{ creatorId: bigint; salesCount: bigint }>(
      "SELECT creator_id, sales_count FROM creator_statistics",
    );
    expect(sold.flat()).to.have.length(1000);
    for (const { creatorId, salesCount } of rows) {
      expect(Number(salesCount)).to.equal(sold.flat().filter(id => id === creatorId).length);
    }
  });
});

function bodyOf(creatorIds: readonly bigint[]): string {
  const event = create(QuestionsPurchasedSchema, {
    purchaseId: randomUUID(),
    userId: 1n,
    requestId: randomUUID(),
    lines: creatorIds.map(creatorId => ({ questionId: 1n, creatorId })),
    createTime: timestampNow(),
    payTime: timestampNow(),
  });
  return toJsonString(QuestionsPurchasedSchema, event);
}
