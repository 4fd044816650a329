import { expect } from "chai";
import { SubscriptionChangedSchema } from "#gen/questioncloud/subscribe/v1/events_pb.ts";
import { createDatabase, type Database } from "#kit/data/database.ts";
import { subscribe } from "#kit/events/consumer.ts";
import { invariants, readSubscriberCounts as readCounted } from "#services/creator/invariants.ts";
import { subscriptionChanged } from "#services/creator/subscribers/subscription-changed.ts";
import { readSubscriberCounts as readSubscribed } from "#services/subscribe/invariants.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { openSubscribeComponent, type SubscribeComponent } from "../support/component/subscribe.ts";
import { deliverInAnyOrder, publishedBy } from "../support/events/any-order.ts";

const changes = 1000;
const creatorIds = [1n, 2n, 3n, 4n, 5n];
const userIds = Array.from({ length: 40 }, (_, index) => 101n + BigInt(index));

describe("the subscribers of a creator", function () {
  this.timeout(120_000);
  const subscription = subscribe(SubscriptionChangedSchema, subscriptionChanged);
  let source: SubscribeComponent;
  let creator: Database;

  before(async () => {
    source = await openSubscribeComponent();
    source.addCreators(...creatorIds);
    const { CREATOR_DATABASE_URL: url = "" } = await componentEnvironment("creator");
    creator = createDatabase({ url, poolSize: 10 });
    await creator.execute(
      `INSERT INTO creator (creator_id, user_id, name, name_key, profile_image_url, main_subject, introduction)
        SELECT seq, seq, seq, seq, '', 1, '' FROM seq_1_to_${creatorIds.length}`,
    );
    await creator.execute("INSERT INTO creator_statistics (creator_id) SELECT creator_id FROM creator");
  });
  after(async () => {
    await creator?.close();
    await source?.app.close();
  });

  it("are as many as subscribe after 1,000 random changes, delivered twice and in random order", async () => {
    const pairs = userIds.map(userId => ({ userId, creatorIds: new Set<bigint>() }));
    let made = 0;
    const lane = async (own: typeof pairs) => {
      while (made < changes) {
        made += 1;
        const { userId, creatorIds: subscribed } = pick(own);
        const creatorId = pick(creatorIds);
        if (subscribed.delete(creatorId)) {
          await source.unsubscribe(userId, creatorId);
        } else {
          subscribed.add(creatorId);
          await source.subscribe(userId, creatorId);
        }
      }
    };
    await Promise.all([0, 1, 2, 3].map(start => lane(pairs.filter((_, index) => index % 4 === start))));
    const events = await publishedBy(source.app.database, SubscriptionChangedSchema);
    expect(events).to.have.length(changes);

    await deliverInAnyOrder(events, subscription, creator);
    const expected = await readSubscribed(source.app.database, 0);
    const counted = await readCounted(creator);
    for (const creatorId of creatorIds) {
      const subscribers = pairs.filter(pair => pair.creatorIds.has(creatorId)).length;
      expect(counted.get(creatorId), `creator ${creatorId}`).to.equal(BigInt(subscribers));
      expect(expected.get(creatorId)?.subscriberCount).to.equal(BigInt(subscribers));
    }
    for (const { name, check } of invariants) {
      for await (const violation of check(creator, { graceSeconds: 0 })) {
        expect.fail(`${name}: ${violation}`);
      }
    }
  });
});

function pick<Item>(items: readonly Item[]): Item {
  return items[Math.floor(Math.random() * items.length)] as Item;
}
