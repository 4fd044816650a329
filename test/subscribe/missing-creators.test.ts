import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import {
  ListSubscriptionsRequestSchema,
  SubscribeRequestSchema,
  SubscriptionService,
} from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import type { Failure } from "#kit/contract/failure.ts";
import { reasonName } from "#kit/contract/failure.ts";
import { listSubscriptions } from "#services/subscribe/rpc/list-subscriptions.ts";
import { subscribe } from "#services/subscribe/rpc/subscribe.ts";
import { callContextOf } from "../support/component/call-context.ts";
import { openSubscribeComponent, type SubscribeComponent } from "../support/component/subscribe.ts";
import { noteRefusal } from "../support/rpc/refusals.ts";

const limit = 300;

describe("the subscribe service and its directory of creators", () => {
  let component: SubscribeComponent;

  before(async function () {
    this.timeout(120_000);
    component = await openSubscribeComponent();
  });
  after(() => component?.app.close());

  const subscribeTo = (userId: bigint, creatorId: bigint) =>
    subscribe(component.app)(create(SubscribeRequestSchema, { creatorId }), callContextOf(userId));

  it("lists a page whole where a creator is missing, with one call for all creators of the page", async () => {
    component.addCreators(1n, 2n, 3n);
    for (const creatorId of [1n, 2n, 3n]) {
      await subscribeTo(101n, creatorId);
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
    await subscribeTo(userId, 1n);
    const refused = await subscribeTo(userId, 3n).then(
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
});
