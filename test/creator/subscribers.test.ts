import { expect } from "chai";
import { SubscriptionChangedSchema } from "#gen/questioncloud/subscribe/v1/events_pb.ts";
import { subscribe } from "#kit/events/consumer.ts";
import { type Databases, openDatabases } from "#ops/databases.ts";
import { subscriberJoin } from "#ops/invariants/subscribers.ts";
import { rebuildStatistics } from "#ops/rebuild-statistics.ts";
import { invariants } from "#services/creator/invariants.ts";
import { subscriptionChanged } from "#services/creator/subscribers/subscription-changed.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { addCreators } from "../support/component/creators.ts";
import { openSubscribeComponent, type SubscribeComponent } from "../support/component/subscribe.ts";
import { deliverInAnyOrder, publishedBy } from "../support/events/any-order.ts";

const creatorIds = [1n, 2n, 3n, 4n, 5n];
const users = Array.from({ length: 40 }, (_, index) => ({
  userId: 101n + BigInt(index),
  subscribed: new Set<bigint>(),
}));
const subscription = subscribe(SubscriptionChangedSchema, subscriptionChanged);

describe("the subscribers of a creator", function () {
  this.timeout(120_000);
  let source: SubscribeComponent;
  let databases: Databases;
  let delivered = 0;

  before(async () => {
    const env = await componentEnvironment("subscribe");
    source = await openSubscribeComponent(env);
    source.addCreators(...creatorIds);
    databases = openDatabases({ ...env, ...(await componentEnvironment("creator")) }, [
      "creator",
      "subscribe",
    ]);
    await addCreators(databases.of("creator"), creatorIds.length);
  });
  after(async () => {
    await databases?.close();
    await source?.app.close();
  });

  /** Random subscriptions and ends of subscriptions, several at a time. */
  async function changeSome(changes: number): Promise<void> {
    let made = 0;
    const lane = async (own: typeof users) => {
      while (made < changes) {
        made += 1;
        const [{ userId, subscribed }, creatorId] = [pick(own), pick(creatorIds)];
        if (subscribed.delete(creatorId)) {
          await source.unsubscribe(userId, creatorId);
        } else {
          subscribed.add(creatorId);
          await source.subscribe(userId, creatorId);
        }
      }
    };
    await Promise.all([0, 1, 2, 3].map(start => lane(users.filter((_, index) => index % 4 === start))));
  }

  async function deliverNew(): Promise<number> {
    const published = await publishedBy(source.app.database, SubscriptionChangedSchema);
    const events = published.slice(delivered);
    delivered = published.length;
    await deliverInAnyOrder(events, subscription, databases.of("creator"));
    return events.length;
  }

  async function expectCounted(): Promise<void> {
    const rows = await databases
      .of("creator")
      .query<{ count: bigint }>(
        "SELECT subscriber_count AS count FROM creator_statistics ORDER BY creator_id",
      );
    const expected = creatorIds.map(id => users.filter(({ subscribed }) => subscribed.has(id)).length);
    expect(rows.map(({ count }) => Number(count))).to.deep.equal(expected);
    expect(await violations()).to.deep.equal([]);
  }

  const violations = async () => {
    const checks = [
      ...invariants.map(({ check }) => check(databases.of("creator"), { graceSeconds: 0 })),
      subscriberJoin.check({ databases, env: {} }, { graceSeconds: 0, pspDays: 1 }),
    ];
    return (await Promise.all(checks.map(collect))).flat();
  };

  it("are as many as subscribe after 1,000 random changes, delivered twice and in random order", async () => {
    await changeSome(1000);
    expect(await deliverNew()).to.equal(1000);
    await expectCounted();
    expect(await collect(rebuildStatistics(databases)), "nothing to correct").to.deep.equal([]);
  });

  it("are counted again while subscriptions change and events arrive, whatever is wrong with them", async () => {
    const creator = databases.of("creator");
    await creator.execute("UPDATE creator_statistics SET subscriber_count = subscriber_count + 3");
    await creator.execute("DELETE FROM subscriber ORDER BY user_id LIMIT 20");
    await creator.execute("UPDATE subscriber SET subscribed = NOT subscribed ORDER BY user_id LIMIT 20");
    await creator.execute("UPDATE subscriber SET version = version + 10 ORDER BY user_id DESC LIMIT 10");
    await creator.execute(
      "INSERT INTO subscriber SELECT creator_id, user_id + 1000, TRUE, 1 FROM subscriber LIMIT 5",
    );
    expect(await violations()).to.have.length.greaterThan(50);
    const serving = async () => {
      for (let round = 0; round < 5; round += 1) {
        await changeSome(40);
        await deliverNew();
      }
    };
    const [corrected] = await Promise.all([collect(rebuildStatistics(databases)), serving()]);
    expect(corrected).to.have.length.greaterThan(40);
    await expectCounted();
    expect(await collect(rebuildStatistics(databases))).to.deep.equal([]);
  });
});

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const found: string[] = [];
  for await (const line of lines) {
    found.push(line);
  }
  return found;
}

function pick<Item>(items: readonly Item[]): Item {
  return items[Math.floor(Math.random() * items.length)] as Item;
}
