import { expect } from "chai";
import { ReviewChangedSchema } from "#gen/questioncloud/review/v1/events_pb.ts";
import type { Invariant } from "#kit/data/invariants.ts";
import { ratingInvariant } from "#kit/data/rated-table.ts";
import { subscribe } from "#kit/events/consumer.ts";
import { type Databases, openDatabases } from "#ops/databases.ts";
import { ratingJoin } from "#ops/invariants/ratings.ts";
import { rebuildStatistics } from "#ops/rebuild-statistics.ts";
import { ratedCreators } from "#services/creator/db/rated.ts";
import { reviewChanged as inCreator } from "#services/creator/subscribers/review-changed.ts";
import { ratedQuestions } from "#services/question/db/rated.ts";
import { reviewChanged as inQuestion } from "#services/question/subscribers/review-changed.ts";
import type { App } from "#services/review/app.ts";
import { invariants as reviewInvariants } from "#services/review/invariants.ts";
import { componentEnvironment } from "../support/component/component.ts";
import { addCreators } from "../support/component/creators.ts";
import { addCreator, addReadyDraft, openQuestionApp } from "../support/component/question.ts";
import { openReviewApp } from "../support/component/review.ts";
import { createReviewChanges } from "../support/component/review-changes.ts";
import { deliverInAnyOrder, publishedBy } from "../support/events/any-order.ts";

const services = ["review", "question", "creator"];
const creatorIds = [1n, 2n];
const userIds = Array.from({ length: 30 }, (_, index) => 101n + BigInt(index));
const inQuestions = subscribe(ReviewChangedSchema, inQuestion);
const inCreators = subscribe(ReviewChangedSchema, inCreator);

describe("the statistics of reviews", function () {
  this.timeout(120_000);
  let databases: Databases;
  let reviews: App;
  let changeSome: ReturnType<typeof createReviewChanges>;

  before(async () => {
    const environments = await Promise.all(services.map(componentEnvironment));
    databases = openDatabases(Object.assign({}, ...environments), services);
    const creatorOf = (questionId: bigint) => creatorIds[Number(questionId) % 2] ?? 0n;
    reviews = await openReviewApp(environments[0] ?? {}, creatorOf);
    const questions = await openQuestionApp(environments[1] ?? {});
    const questionIds: bigint[] = [];
    for (const creatorId of creatorIds) {
      await addCreator(questions, creatorId);
      questionIds.push(await addReadyDraft(questions, creatorId), await addReadyDraft(questions, creatorId));
    }
    await questions.close();
    changeSome = createReviewChanges(reviews, userIds, questionIds);
    await addCreators(databases.of("creator"), creatorIds.length);
  });
  after(async () => {
    await databases?.close();
    await reviews?.close();
  });

  const deliverSince = async (seen: number) => {
    const events = (await publishedBy(reviews.database, ReviewChangedSchema)).slice(seen);
    await Promise.all([
      deliverInAnyOrder(events, inQuestions, databases.of("question")),
      deliverInAnyOrder(events, inCreators, databases.of("creator")),
    ]);
    return seen + events.length;
  };
  const violations = async () => {
    const found: string[] = [];
    const check = async (service: string, invariants: readonly Invariant[]) => {
      for (const invariant of invariants) {
        for await (const line of invariant.check(databases.of(service), { graceSeconds: 0 })) {
          found.push(line);
        }
      }
    };
    await check("review", reviewInvariants);
    await check("question", [ratingInvariant(ratedQuestions)]);
    await check("creator", [ratingInvariant(ratedCreators)]);
    for await (const line of ratingJoin.check({ databases, env: {} }, { graceSeconds: 0, pspDays: 1 })) {
      found.push(line);
    }
    return found;
  };
  const rebuild = async () => {
    const corrected: string[] = [];
    for await (const line of rebuildStatistics(databases)) {
      corrected.push(line);
    }
    return corrected;
  };
  /** The sum and number of rates, from the reviews and as the others count them. */
  const sums = () =>
    Promise.all(
      (
        [
          [
            "review",
            "SELECT CAST(SUM(rate) AS SIGNED) AS s, COUNT(*) AS n FROM review WHERE state = 'SHOWN'",
          ],
          ["question", "SELECT CAST(SUM(rating_sum) AS SIGNED) AS s, SUM(rating_count) AS n FROM question"],
          ["creator", "SELECT SUM(rating_sum) AS s, SUM(rating_count) AS n FROM creator_statistics"],
        ] as const
      ).map(async ([service, sql]) => {
        const [row] = await databases.of(service).query<{ s: bigint; n: bigint }>(sql);
        return [Number(row?.s), Number(row?.n)];
      }),
    );

  it("equal the reviews after 1,000 random changes, delivered twice and in random order", async () => {
    await changeSome(1000);
    expect(await deliverSince(0)).to.equal(1000);
    expect(await violations()).to.deep.equal([]);
    const [source, inStore, inProfiles] = await sums();
    expect(inStore).to.deep.equal(source);
    expect(inProfiles).to.deep.equal(source);
    expect(source?.[1]).to.be.greaterThan(10);
    expect(await rebuild(), "nothing to correct").to.deep.equal([]);
  });

  it("are rebuilt while reviews change and events arrive, whatever is wrong with them", async () => {
    let delivered = (await publishedBy(reviews.database, ReviewChangedSchema)).length;
    for (const service of ["question", "creator"]) {
      const database = databases.of(service);
      const table = service === "question" ? "question" : "creator_statistics";
      await database.execute(`UPDATE ${table} SET rating_sum = rating_sum + 700`);
      await database.execute("DELETE FROM seen_review ORDER BY review_id LIMIT 20");
      await database.execute("UPDATE seen_review SET rate = 5 - rate ORDER BY review_id LIMIT 20");
      await database.execute(
        "UPDATE seen_review SET version = version + 10 ORDER BY review_id DESC LIMIT 10",
      );
      await database.execute(
        `INSERT INTO seen_review SELECT review_id + 1000000, ${service}_id, version, 4 FROM seen_review LIMIT 5`,
      );
    }
    expect(await violations()).to.have.length.greaterThan(50);
    const serving = async () => {
      for (let round = 0; round < 5; round += 1) {
        await changeSome(40);
        delivered = await deliverSince(delivered);
      }
    };
    const [corrected] = await Promise.all([rebuild(), serving()]);
    expect(corrected).to.have.length.greaterThan(50);
    expect(await violations()).to.deep.equal([]);
    const [source, ...counted] = await sums();
    expect(counted).to.deep.equal([source, source]);
    expect(await rebuild()).to.deep.equal([]);
  });
});
