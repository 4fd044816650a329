import { create, fromJsonString } from "@bufbuild/protobuf";
import { expect } from "chai";
import { SubscriptionChangedSchema } from "#gen/questioncloud/subscribe/v1/events_pb.ts";
import { ListFeedRequestSchema } from "#gen/questioncloud/subscribe/v1/feed_pb.ts";
import {
  ListSubscriptionsRequestSchema,
  SubscriptionService,
} from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import type { Failure } from "#kit/contract/failure.ts";
import { reasonName } from "#kit/contract/failure.ts";
import { listFeed } from "#services/subscribe/rpc/list-feed.ts";
import { listSubscriptions } from "#services/subscribe/rpc/list-subscriptions.ts";
import { callContextOf } from "../support/component/call-context.ts";
import { openSubscribeComponent, type SubscribeComponent } from "../support/component/subscribe.ts";
import { publishedBy } from "../support/events/any-order.ts";
import { noteRefusal } from "../support/rpc/refusals.ts";

const limit = 300;

describe("the subscribe service and its directory of creators", () => {
  let component: SubscribeComponent;

  before(async function () {
    this.timeout(120_000);
    component = await openSubscribeComponent();
  });
  after(() => component?.app.close());

  const reasonOf = (call: Promise<unknown>) =>
    call.then(
      () => undefined,
      ({ reason }: Failure) => reasonName(reason),
    );

  it("lists a page whole where a creator is missing, with one call for all creators of the page", async () => {
    component.addCreators(1n, 2n, 3n);
    for (const creatorId of [1n, 2n, 3n]) {
      await component.subscribe(101n, creatorId);
    }
    component.removeCreator(2n);
    const before = component.lookups.length;
    const request = create(ListSubscriptionsRequestSchema);
    const { subscriptions = [] } = await listSubscriptions(component.app)(request, callContextOf(101n));
    expect(subscriptions.map(({ creatorId, creator }) => [creatorId, creator?.name])).to.deep.equal([
      [3n, "출제자 3"],
      [2n, undefined],
      [1n, "출제자 1"],
    ]);
    expect(component.lookups.slice(before)).to.deep.equal([[3n, 2n, 1n]]);
  });

  it(`lets a user subscribe to ${limit} creators and no more`, async () => {
    const userId = 102n;
    await component.app.database.execute(
      `INSERT INTO subscription (user_id, creator_id) SELECT ?, 1000 + seq FROM seq_1_to_${limit - 1}`,
      [userId],
    );
    component.addCreators(1n, 3n);
    await component.subscribe(userId, 1n);
    const refused = await component.subscribe(userId, 3n).then(
      () => undefined,
      (error: Failure) => error,
    );
    const reason = refused && reasonName(refused.reason);
    expect(reason).to.equal("TOO_MANY_SUBSCRIPTIONS");
    noteRefusal(SubscriptionService.method.subscribe, reason);
    expect(refused?.metadata).to.deep.equal({ limit: String(limit) });
    const rows = await component.app.database.query("SELECT 1 FROM subscription WHERE user_id = ?", [userId]);
    expect(rows).to.have.length(limit);
  });

  it("publishes each change with the next version of its row, and nothing where it refuses", async () => {
    const userId = 103n;
    component.addCreators(userId, 1n);
    await component.subscribe(userId, 1n);
    expect(await reasonOf(component.subscribe(userId, 1n))).to.equal("ALREADY_SUBSCRIBE_CREATOR");
    expect(await reasonOf(component.subscribe(userId, userId))).to.equal("OWN_CREATOR");
    expect(await reasonOf(component.subscribe(userId, 999n))).to.equal("NOT_FOUND");
    await component.unsubscribe(userId, 1n);
    expect(await reasonOf(component.unsubscribe(userId, 1n))).to.equal("NOT_FOUND");
    await component.subscribe(userId, 1n);
    const published = await publishedBy(component.app.database, SubscriptionChangedSchema);
    const changes = published.map(({ body }) => fromJsonString(SubscriptionChangedSchema, body));
    expect(
      changes
        .filter(change => change.userId === userId)
        .map(({ creatorId, subscribed, version }) => [creatorId, subscribed, version]),
    ).to.deep.equal([
      [1n, true, 1n],
      [1n, false, 2n],
      [1n, true, 3n],
    ]);
  });

  it("shows a feed whole where a creator is missing", async () => {
    const userId = 104n;
    component.addCreators(5n, 6n);
    for (const creatorId of [5n, 6n]) {
      await component.subscribe(userId, creatorId);
      await component.app.database.execute(
        `INSERT INTO question (question_id, creator_id, on_sale, title, subject, level, price_points, publish_time,
            version)
          VALUES (?, ?, TRUE, '문제', 1, 1, 1000, NOW(6), 1)`,
        [creatorId * 10n, creatorId],
      );
    }
    component.removeCreator(6n);
    const { questions = [] } = await listFeed(component.app)(
      create(ListFeedRequestSchema),
      callContextOf(userId),
    );
    expect(questions.map(({ questionId, creator }) => [questionId, creator?.name])).to.deep.equal([
      [60n, undefined],
      [50n, "출제자 5"],
    ]);
  });
});
