import { randomUUID } from "node:crypto";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { createClient } from "@connectrpc/connect";
import { createConnectTransport } from "@connectrpc/connect-node";
import { expect } from "chai";
import { connectAdmin } from "#dev/stack/servers/mariadb-schemas.ts";
import type { Stack } from "#dev/stack/stack.ts";
import { CreatorChangedSchema } from "#gen/questioncloud/creator/v1/events_pb.ts";
import { AuthoringService, FileKind } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { LibraryService } from "#gen/questioncloud/question/v1/library_pb.ts";
import { PromotionService } from "#gen/questioncloud/question/v1/promotion_pb.ts";
import { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { queueOf } from "#kit/contract/event.ts";
import * as questionService from "#services/question/service.ts";
import { type Person, signUp } from "../support/market/people.ts";
import { deliverTo } from "../support/market/publish-event.ts";
import { openBuying } from "../support/market/purchases.ts";
import {
  type Author,
  contentWith,
  publishQuestion,
  signUpAuthor,
  writeDraft,
} from "../support/market/questions.ts";
import { createPublicClient, onBehalfOf, refusalOf } from "../support/rpc/clients.ts";
import { participantStack } from "../support/stack/participant-stack.ts";
import { startReplicaHere } from "../support/stack/replica.ts";
import { until } from "../support/stack/until.ts";

describe("creators as stored by the question service", () => {
  let stack: Stack;
  before(async () => {
    stack = await participantStack();
  });

  const nameInStore = async ({ creatorId }: Author) => {
    const { questions } = await createPublicClient(stack, StoreService).listQuestions({
      filter: { creatorId },
    });
    return questions[0]?.creator?.name;
  };

  async function runSql<Row>(sql: string, values: unknown[]): Promise<Row[]> {
    const connection = await connectAdmin(stack.mariadb.url);
    try {
      return await connection.query(sql, values);
    } finally {
      await connection.end();
    }
  }

  it("have their new name in store, library and quote after a profile update", async () => {
    const [author, buyer, buying] = [await signUpAuthor(stack), await signUp(stack), await openBuying(stack)];
    const { questionId } = await publishQuestion(author);
    await buying.buy(buyer.userId, [questionId]);
    const name = `새 이름 ${randomUUID().slice(0, 18)}`;
    const content = { name, mainSubject: Subject.PHYSICS, introduction: "새 소개" };
    await author.creators.updateOwnCreator({ content });
    await until(async () => (await nameInStore(author)) === name, "the store shows the new name");
    const shown = { creatorId: author.creatorId, name, profileImageUrl: "" };
    const { question } = await createPublicClient(stack, StoreService).getQuestion({ questionId });
    expect(question?.creator).to.deep.include(shown);
    const library = createPublicClient(stack, LibraryService, { token: buyer.token });
    const { questions: owned } = await library.listOwnedQuestions({});
    expect(owned[0]?.creator).to.deep.include(shown);
    const other = onBehalfOf((await signUp(stack)).userId);
    const { questions: quoted } = await buying.catalog.quoteQuestions({ questionIds: [questionId] }, other);
    expect(quoted[0]?.creatorName).to.equal(name);
    buying.close();
  });

  it("are updated by newer events, but not by late or repeated ones", async () => {
    const author = await signUpAuthor(stack);
    await publishQuestion(author);
    await deliverChange(author, { name: "셋째", version: 3n });
    await deliverChange(author, { name: "둘째", version: 2n });
    await deliverChange(author, { name: "다시 셋째", version: 3n });
    expect(await nameInStore(author)).to.equal("셋째");
    await deliverChange(author, { name: "넷째", version: 4n });
    expect(await nameInStore(author)).to.equal("넷째");
    // The creator service has made no such versions, and other suites verify invariants on this stack.
    const { creator } = await author.creators.getOwnCreator({});
    await runSql(
      "UPDATE question.creator SET name = ?, profile_image_url = ?, version = 1 WHERE creator_id = ?",
      [author.name, creator?.profileImageUrl, author.creatorId],
    );
  });

  /** Delivers a change and waits until it was handled. */
  async function deliverChange(
    { creatorId, userId }: Author,
    change: { name: string; version: bigint },
  ): Promise<void> {
    const eventId = randomUUID();
    await deliverTo(stack, "question", CreatorChangedSchema, { creatorId, userId, ...change }, eventId);
    const handled = () =>
      runSql("SELECT 1 FROM question.inbox WHERE event_id = ? AND consumer = ?", [
        eventId,
        queueOf(CreatorChangedSchema, "question"),
      ]);
    await until(async () => (await handled()).length > 0, "the event is handled");
  }

  /** Forgets a creator, as if the event of the registration had not arrived yet. */
  async function forget({ creatorId }: Author): Promise<void> {
    const find = () => runSql("SELECT 1 FROM question.creator WHERE creator_id = ?", [creatorId]);
    await until(async () => (await find()).length > 0, "the registration has arrived");
    await runSql("DELETE FROM question.creator WHERE creator_id = ?", [creatorId]);
  }

  it("may write at once, before the event of their registration arrives", async () => {
    const author = await signUpAuthor(stack);
    await forget(author);
    const questions = await Promise.all([1, 2, 3].map(() => publishQuestion(author)));
    expect(questions).to.have.length(3);
    expect(await nameInStore(author)).to.equal(author.name);
  });

  it("may write while the creator service is unavailable, once they are known", async () => {
    const [known, unknown] = [await signUpAuthor(stack), await signUpAuthor(stack)];
    await writeDraft(known);
    await forget(unknown);
    const replica = await startReplicaHere(stack, "question", questionService, {
      CREATOR_GRPC_ADDRESSES: "127.0.0.1:9",
    });
    try {
      const { questions } = await authoringAt(replica.httpUrl, known).listOwnQuestions({});
      expect(questions).to.have.length(1);
      const refused = await refusalOf(authoringAt(replica.httpUrl, unknown).listOwnQuestions({}));
      expect(refused).to.include({ reason: "SERVICE_UNAVAILABLE", code: "Unavailable" });
    } finally {
      await replica.stop();
    }
  });

  function authoringAt(baseUrl: string, { token }: Person) {
    const transport = createConnectTransport({
      baseUrl,
      httpVersion: "1.1",
      interceptors: [
        next => request => {
          request.header.set("authorization", `Bearer ${token}`);
          return next(request);
        },
      ],
    });
    return createClient(AuthoringService, transport);
  }

  it("are the only users who may write questions and promotions", async () => {
    const { token } = await signUp(stack);
    const authoring = createPublicClient(stack, AuthoringService, { token });
    const promotions = createPublicClient(stack, PromotionService, { token });
    const questionId = 1n;
    const file = { kind: FileKind.QUESTION, contentType: "application/pdf", sizeBytes: 1n };
    const endTime = timestampFromMs(Date.now() + 60_000);
    const promotion = { title: "할인", salePricePoints: 100n, endTime };
    const calls = [
      () => authoring.listOwnQuestions({}),
      () => authoring.getOwnQuestion({ questionId }),
      () => authoring.createQuestion({ requestId: randomUUID(), content: contentWith() }),
      () => authoring.updateQuestion({ questionId, version: 1, content: contentWith() }),
      () => authoring.createUpload({ questionId, file }),
      () => authoring.acceptUpload({ questionId, uploadId: randomUUID() }),
      () => authoring.publishQuestion({ questionId }),
      () => authoring.deleteQuestion({ questionId }),
      () => promotions.createPromotion({ questionId, content: promotion }),
      () => promotions.endPromotion({ questionId, promotionId: 1n }),
      () => promotions.listPromotions({ questionId }),
    ];
    for (const call of calls) {
      expect(await refusalOf(call())).to.include({ reason: "NOT_CREATOR", code: "PermissionDenied" });
    }
  });
});
