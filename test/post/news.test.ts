import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { expect } from "chai";
import type { Connection } from "mariadb";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { NotificationKind, NotificationService } from "#gen/questioncloud/post/v1/notification_pb.ts";
import { QuestionChangedSchema } from "#gen/questioncloud/question/v1/events_pb.ts";
import { SubscriptionService } from "#gen/questioncloud/subscribe/v1/subscription_pb.ts";
import { mailsTo, type Person, signUp } from "../support/market/people.ts";
import { deliverTo } from "../support/market/publish-event.ts";
import { type Author, publishQuestion, signUpAuthor } from "../support/market/questions.ts";
import { createPublicClient } from "../support/rpc/clients.ts";
import { sharedStack } from "../support/stack/stack.ts";
import { until } from "../support/stack/until.ts";

const dayMs = 86_400_000;
const { NEW_QUESTION } = NotificationKind;

describe("the news of a question", () => {
  let stack: Stack;
  let sql: Connection;
  let author: Author;
  let subscriber: Person;

  before(async () => {
    stack = await sharedStack();
    sql = await connectAdmin(stack.mariadb.url);
    await sql.query("USE post");
    [author, subscriber] = await Promise.all([signUpAuthor(stack), signUp(stack)]);
  });
  after(() => sql?.end());

  const notifications = ({ token }: Person) => createPublicClient(stack, NotificationService, { token });
  const subscriptions = ({ token }: Person) => createPublicClient(stack, SubscriptionService, { token });
  // An id that no creator and no question has.
  const unusedId = () => 2n ** 50n + BigInt(Math.floor(Math.random() * 2 ** 48));

  const count = async (statement: string, values: unknown[]) => {
    const [row] = await sql.query(`SELECT COUNT(*) AS n FROM ${statement}`, values);
    return Number(row.n);
  };
  const toldOf = (questionId: bigint) => count("notification WHERE subject_id = ?", [questionId]);
  const exists = (statement: string, values: unknown[]) =>
    until(async () => (await count(statement, values)) > 0);
  const isSpread = (questionId: bigint) =>
    exists("question WHERE question_id = ? AND news_state = 'SPREAD'", [questionId]);
  const addSubscribers = (creatorId: bigint, many: number) =>
    sql.query(
      `INSERT INTO subscriber (creator_id, user_id, subscribed, version)
        SELECT ?, ? + seq, seq % 5 <> 0, 1 FROM seq_1_to_${many}`,
      [creatorId, unusedId()],
    );
  const deliver = (questionId: bigint, creatorId: bigint, parts: object = {}) =>
    deliverTo(stack, "post", QuestionChangedSchema, {
      questionId,
      creatorId,
      creatorUserId: 1n,
      onSale: true,
      title: "새 문제",
      publishTime: timestampFromMs(Date.now()),
      version: 1n,
      ...parts,
    });

  it("reaches those who subscribe to its creator, in their lists, and by mail those who want it", async () => {
    const former = await signUp(stack);
    const { creatorId } = author;
    for (const person of [subscriber, former]) {
      await subscriptions(person).subscribe({ creatorId });
    }
    await subscriptions(former).unsubscribe({ creatorId });
    const preference = { kind: NEW_QUESTION, inApp: true, mail: true };
    await notifications(subscriber).updateNotificationPreferences({ preferences: [preference] });
    await until(
      async () => (await count("subscriber WHERE creator_id = ? AND version > 0", [creatorId])) === 2,
    );
    await exists("subscriber WHERE creator_id = ? AND NOT subscribed", [creatorId]);
    const { questionId } = await publishQuestion(author, { title: "극한의 새 문제" });
    await isSpread(questionId);
    const [told] = (await notifications(subscriber).listNotifications({})).notifications;
    expect(told).to.deep.include({
      kind: NEW_QUESTION,
      questionId,
      creatorId,
      postId: 0n,
      title: "극한의 새 문제",
      read: false,
    });
    expect(told?.writer).to.equal(undefined);
    expect((await notifications(former).listNotifications({})).notifications).to.deep.equal([]);
    const [mail] = await until(async () => {
      const mails = await mailsTo(stack, subscriber.email);
      const found = mails.filter(({ subject }) => subject.includes("새 문제"));
      return found.length > 0 && found;
    });
    expect(mail?.text).not.to.include("극한");
  });

  it("reaches any number of subscribers, each once, however often and in whatever order events arrive", async () => {
    const [questionId, creatorId] = [unusedId(), unusedId()];
    await addSubscribers(creatorId, 250);
    await deliver(questionId, creatorId, { version: 2n, title: "고친 제목" });
    await deliver(questionId, creatorId, { version: 1n });
    await isSpread(questionId);
    expect(await toldOf(questionId)).to.equal(200);
    await deliver(questionId, creatorId, { version: 3n });
    await exists("question WHERE question_id = ? AND version = 3", [questionId]);
    expect(await toldOf(questionId)).to.equal(200);
  });

  it("continues behind the last subscriber told, when a replica has died", async () => {
    const [questionId, creatorId] = [unusedId(), unusedId()];
    await addSubscribers(creatorId, 10);
    const [{ seventh }] = await sql.query(
      "SELECT user_id AS seventh FROM subscriber WHERE creator_id = ? ORDER BY user_id LIMIT 6, 1",
      [creatorId],
    );
    await sql.query(
      `INSERT INTO question (question_id, creator_id, title, on_sale, version, news_state, news_user_id)
        VALUES (?, ?, '제목', TRUE, 1, 'SPREADING', ?)`,
      [questionId, creatorId, seventh],
    );
    await sql.query(
      `INSERT INTO task (kind, id, due_time, owner, claimed_until)
        VALUES ('news', ?, NOW(6), 'crashed', NOW(6) + INTERVAL 1 SECOND)`,
      [String(questionId)],
    );
    await isSpread(questionId);
    // The fifth and the tenth do not subscribe any more.
    expect(await toldOf(questionId)).to.equal(2);
  });

  it("stops when the question is taken off sale, and is no news after a week", async () => {
    const [taken, old, creatorId] = [unusedId(), unusedId(), unusedId()];
    await addSubscribers(creatorId, 3);
    await deliver(old, creatorId, { publishTime: timestampFromMs(Date.now() - 8 * dayMs) });
    await deliver(taken, creatorId, { onSale: false, version: 2n });
    await deliver(taken, creatorId, { version: 1n });
    await until(async () => (await count("question WHERE question_id IN (?)", [[taken, old]])) === 2);
    const ends = unusedId();
    await deliver(ends, creatorId);
    await isSpread(ends);
    expect(await toldOf(ends)).to.equal(3);
    expect([await toldOf(taken), await toldOf(old)]).to.deep.equal([0, 0]);
  });
});
