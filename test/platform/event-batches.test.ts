import { create, toJsonString } from "@bufbuild/protobuf";
import { expect } from "chai";
import fc from "fast-check";
import { type ReviewChanged, ReviewChangedSchema } from "#gen/questioncloud/review/v1/events_pb.ts";
import { createDatabase, type Database, type Tx } from "#kit/data/database.ts";
import { countReviews } from "#kit/data/rated-table.ts";
import { salesSums } from "#kit/data/sold-table.ts";
import { addToSums } from "#kit/data/sums.ts";
import { subscribe } from "#kit/events/consumer.ts";
import { deliver } from "#kit/events/deliver.ts";
import { createLog } from "#kit/process/log.ts";
import { createMetrics } from "#kit/process/metrics.ts";
import { ratedCreators } from "#services/creator/db/rated.ts";
import { soldCreators } from "#services/creator/db/sold.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { addCreators } from "../support/component/creators.ts";
import { consumeOne, consumeTogether } from "../support/events/consume-one.ts";

const runs = 60;
const creators = 2;
const reviews = 4;
const receivesMax = 3;
const queue = "creator-on-review-changed";

type Crash = "before the commit" | "after the commit" | undefined;

/** A state of a review, how often it is delivered, and whether it can be handled. */
interface Change {
  readonly review: number;
  readonly version: number;
  readonly deliveries: number;
  readonly fault: "none" | "broken body" | "handler throws";
}

const changes = fc.array(
  fc.record<Change>({
    review: fc.integer({ min: 1, max: reviews }),
    version: fc.integer({ min: 1, max: 5 }),
    deliveries: fc.integer({ min: 1, max: 3 }),
    fault: fc.oneof(
      { weight: 8, arbitrary: fc.constant<Change["fault"]>("none") },
      { weight: 1, arbitrary: fc.constantFrom<Change["fault"]>("broken body", "handler throws") },
    ),
  }),
  { minLength: 1, maxLength: 14 },
);

const streams = changes
  .chain(all =>
    fc.tuple(
      fc.constant(all),
      fc.shuffledSubarray(deliveriesOf(all), { minLength: deliveriesOf(all).length }),
    ),
  )
  .chain(([all, order]) =>
    fc.record({
      changes: fc.constant(all),
      order: fc.constant(order),
      batches: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 4 }),
      crashes: fc.array(fc.constantFrom<Crash>("before the commit", "after the commit", undefined), {
        maxLength: 4,
      }),
      sumsUp: fc.boolean(),
    }),
  );

/** The place of its change, once for each delivery. */
function deliveriesOf(all: readonly Change[]): number[] {
  return all.flatMap(({ deliveries }, place) => Array.from({ length: deliveries }, () => place));
}

describe("events that are handled in batches", () => {
  let database: Database;
  let lastRun = 0n;
  const log = createLog("creator", "silent");
  const metrics = createMetrics("creator");

  before(async () => {
    const env = await componentEnvironment("creator");
    database = createDatabase({ url: env.CREATOR_DATABASE_URL ?? "", poolSize: 6 });
    await addCreators(database, 2000);
  });
  after(() => database?.close());

  it("leave the same as one by one: repeated, in any order, with poison and crashes between steps", async () => {
    await fc.assert(
      fc.asyncProperty(streams, async ({ changes: all, order, batches, crashes, sumsUp }) => {
        const [together, singly] = [nextIds(), nextIds()];
        const poisonIds = new Set<string>();
        const messages = all.map((change, place) => messageOf(change, place, together, poisonIds));
        const letters = await deliverAll(
          order.map(place => messages[place] as Letter),
          { batches, crashes, subscription: subscriptionOf(all, sumsUp) },
        );
        expect(new Set(letters)).to.deep.equal(poisonIds);
        for (const [place, change] of all.entries()) {
          if (change.fault === "none") {
            const { eventId, body } = messageOf(change, place, singly, new Set());
            await consumeOne(subscriptionOf(all, false), queue, { eventId, body }, database);
          }
        }
        expect(await stateOf(together)).to.deep.equal(await stateOf(singly));
        const ids = messages.map(({ eventId }) => eventId);
        const inbox = await database.query("SELECT event_id FROM inbox WHERE event_id IN (?)", [ids]);
        expect(inbox).to.have.length(ids.length - poisonIds.size);
      }),
      { numRuns: runs },
    );
  });

  it("are handed over where they concern the handler, and remembered in any case", async () => {
    const handled: bigint[] = [];
    const subscription = subscribe(ReviewChangedSchema, {
      concerns: ({ rate }) => rate > 0,
      async handleAll(_tx, some) {
        handled.push(...some.map(({ questionId }) => questionId));
      },
    });
    let transactions = 0;
    const counted: Database = {
      ...database,
      transaction: work => {
        transactions += 1;
        return database.transaction(work);
      },
    };
    const deliveryOf = (questionId: bigint, rate: number) => {
      const event = create(ReviewChangedSchema, {
        ...{ reviewId: 1n, creatorId: 1n, reviewerId: 1n, version: 1n },
        ...{ questionId, rate },
      });
      return { eventId: crypto.randomUUID(), body: toJsonString(ReviewChangedSchema, event) };
    };
    const [first, second, third] = [deliveryOf(1n, 0), deliveryOf(2n, 5), deliveryOf(3n, 0)];
    expect(await consumeTogether(subscription, queue, [first, second], counted)).to.equal(2);
    expect(await consumeTogether(subscription, queue, [first, third], counted)).to.equal(1);
    expect(await consumeTogether(subscription, queue, [third, second], counted)).to.equal(0);
    expect([handled, transactions]).to.deep.equal([[2n], 2]);
  });

  interface Letter {
    readonly eventId: string;
    readonly body: string;
    receives: number;
  }

  /** The ids of reviews and creators of one run follow these. */
  interface Ids {
    readonly afterReview: bigint;
    readonly afterCreator: bigint;
  }

  function nextIds(): Ids {
    lastRun += 1n;
    return { afterReview: lastRun * 100n, afterCreator: (lastRun - 1n) * BigInt(creators) };
  }

  function messageOf(change: Change, place: number, ids: Ids, poisonIds: Set<string>): Letter {
    const { review, version, fault } = change;
    const eventId = crypto.randomUUID();
    if (fault !== "none") {
      poisonIds.add(eventId);
    }
    const event = create(ReviewChangedSchema, {
      reviewId: ids.afterReview + BigInt(review),
      creatorId: ids.afterCreator + 1n + BigInt(review % creators),
      questionId: BigInt(place + 1),
      reviewerId: 1n,
      version: BigInt(version),
      rate: (review * 7 + version * 3) % 6,
    });
    const body = fault === "broken body" ? "{ broken" : toJsonString(ReviewChangedSchema, event);
    return { eventId, body, receives: 0 };
  }

  function subscriptionOf(all: readonly Change[], sumsUp: boolean) {
    const count = async (tx: Tx, seen: readonly ReviewChanged[]) => {
      await countReviews(
        tx,
        ratedCreators,
        seen.map(review => ({ ...review, ratedId: review.creatorId })),
      );
      // What an event adds whenever it is handled, so that it shows how often.
      await addToSums(
        tx,
        salesSums(soldCreators),
        seen.map(({ creatorId }) => [creatorId, [1]]),
      );
      if (seen.some(({ questionId }) => all[Number(questionId) - 1]?.fault === "handler throws")) {
        throw new Error("poison");
      }
    };
    return subscribe(
      ReviewChangedSchema,
      sumsUp ? { handleAll: count } : (tx, review) => count(tx, [review]),
    );
  }

  /**
   * Delivers letters until all are handled or dead, two batches at a time, each by a consumer that crashes where the
   * stream says so. Returns the event ids of the dead ones.
   */
  async function deliverAll(
    letters: readonly Letter[],
    {
      batches,
      crashes,
      subscription,
    }: { batches: readonly number[]; crashes: readonly Crash[]; subscription: ReturnType<typeof subscribe> },
  ): Promise<string[]> {
    let waiting = letters.map(letter => ({ ...letter }));
    const dead: string[] = [];
    let taken = 0;
    const takeBatch = async () => {
      const batch = waiting.splice(0, batches[taken % batches.length]);
      const crash = crashes[taken];
      taken += 1;
      const messages = batch.map(({ eventId, body }, index) => ({
        MessageId: String(index),
        Body: body,
        MessageAttributes: { event_id: { DataType: "String", StringValue: eventId } },
      }));
      const handled = await deliver(subscription, queue, messages, {
        ...{ service: "creator", log, metrics },
        database: crash === undefined ? database : crashing(database, crash),
      });
      return batch.filter((letter, index) => {
        // Who crashes deletes nothing, whatever was handled.
        const isDeleted = crash === undefined && handled.some(({ MessageId }) => MessageId === String(index));
        letter.receives += crash === undefined ? 1 : 0;
        return !isDeleted;
      });
    };
    while (waiting.length > 0) {
      const left = (await Promise.all([takeBatch(), takeBatch()])).flat();
      dead.push(...left.filter(({ receives }) => receives >= receivesMax).map(({ eventId }) => eventId));
      waiting = [...waiting, ...left.filter(({ receives }) => receives < receivesMax)];
    }
    return dead;
  }

  /** What is stored of the reviews and creators of a run. */
  async function stateOf({ afterReview, afterCreator }: Ids) {
    return [
      await database.query(
        `SELECT review_id - ? AS review, creator_id - ? AS creator, version, rate FROM seen_review
          WHERE review_id > ? AND review_id <= ? ORDER BY review_id`,
        [afterReview, afterCreator, afterReview, afterReview + BigInt(reviews)],
      ),
      await database.query(
        `SELECT rating_sum, rating_count, sales_count FROM creator_statistics WHERE creator_id > ? AND creator_id <= ?
          ORDER BY creator_id`,
        [afterCreator, afterCreator + BigInt(creators)],
      ),
    ];
  }
});

/** The database of a process that dies at the end of its first transaction. */
function crashing(database: Database, crash: NonNullable<Crash>): Database {
  let isDead = false;
  const die = (): never => {
    isDead = true;
    throw new Error(`died ${crash}`);
  };
  return {
    ...database,
    async transaction(work) {
      if (isDead) {
        die();
      }
      await database.transaction(async tx => {
        await work(tx);
        if (crash === "before the commit") {
          die();
        }
      });
      return die();
    },
    async requireWritable() {
      if (isDead) {
        die();
      }
    },
  };
}
