import { create, toJsonString } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import { QuestionChangedSchema } from "#gen/questioncloud/question/v1/events_pb.ts";
import { subscribe } from "#kit/events/consumer.ts";
import { readFeed } from "#services/subscribe/read-feed.ts";
import { questionChanged } from "#services/subscribe/subscribers/question-changed.ts";
import { openSubscribeComponent, type SubscribeComponent } from "../support/component/subscribe.ts";
import { deliverInAnyOrder } from "../support/events/any-order.ts";

const subscription = subscribe(QuestionChangedSchema, questionChanged);
const questions = 30;
const versions = 5;

/** Each question ends on sale or off sale, by its id. */
const endsOnSale = (questionId: number) => questionId % 3 !== 0;

function eventOf(questionId: number, version: number) {
  const onSale = version === versions ? endsOnSale(questionId) : version % 2 === 1;
  const event = create(QuestionChangedSchema, {
    questionId: BigInt(questionId),
    creatorId: 1n,
    creatorUserId: 1n,
    onSale,
    title: `${version}번째 제목`,
    publishTime: timestampFromDate(new Date(Date.UTC(2026, 0, 1, 0, 0, questionId))),
    version: BigInt(version),
  });
  return { eventId: crypto.randomUUID(), body: toJsonString(QuestionChangedSchema, event) };
}

describe("the changes of questions in any order", () => {
  let component: SubscribeComponent;

  before(async function () {
    this.timeout(120_000);
    component = await openSubscribeComponent();
  });
  after(() => component?.app.close());

  it("leave each question in its latest state, even when repeated", async () => {
    const { database } = component.app;
    await database.execute("INSERT INTO subscription (user_id, creator_id) VALUES (101, 1)");
    const ids = Array.from({ length: questions }, (_, index) => index + 1);
    const events = ids.flatMap(id => Array.from({ length: versions }, (_, index) => eventOf(id, index + 1)));
    await deliverInAnyOrder(events, subscription, database);
    const { rows } = await readFeed(database, 101n, { after: undefined, limit: 100 });
    const expected = ids.filter(endsOnSale).reverse();
    expect(rows.map(({ questionId }) => Number(questionId))).to.deep.equal(expected);
    expect(new Set(rows.map(({ title }) => title))).to.deep.equal(new Set([`${versions}번째 제목`]));
  });
});
