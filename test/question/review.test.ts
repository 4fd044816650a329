import { create } from "@bufbuild/protobuf";
import { expect } from "chai";
import {
  AcceptUploadRequestSchema,
  type EditableQuestion,
  FileKind,
  GetOwnQuestionRequestSchema,
  PublishQuestionRequestSchema,
  QuestionState,
  UnpublishQuestionRequestSchema,
  UpdateQuestionRequestSchema,
} from "#gen/questioncloud/question/v1/authoring_pb.ts";
import {
  ApproveQuestionRequestSchema,
  ListModeratedQuestionsRequestSchema,
  RejectQuestionRequestSchema,
} from "#gen/questioncloud/question/v1/moderation_pb.ts";
import { insertUpload } from "#kit/files/uploads.ts";
import type { App } from "#services/question/app.ts";
import { acceptUpload } from "#services/question/rpc/accept-upload.ts";
import { approveQuestion } from "#services/question/rpc/approve-question.ts";
import { getOwnQuestion } from "#services/question/rpc/get-own-question.ts";
import { listModeratedQuestions } from "#services/question/rpc/list-moderated-questions.ts";
import { publishQuestion } from "#services/question/rpc/publish-question.ts";
import { rejectQuestion } from "#services/question/rpc/reject-question.ts";
import { unpublishQuestion } from "#services/question/rpc/unpublish-question.ts";
import { updateQuestion } from "#services/question/rpc/update-question.ts";
import { componentEnvironment } from "../support/component/component.ts";
import {
  addCreator,
  addReadyDraft,
  callOf,
  openQuestionApp,
  questionContent,
} from "../support/component/question.ts";
import { reasonOf } from "../support/rpc/clients.ts";

const { DRAFT, IN_REVIEW, PUBLISHED } = QuestionState;
const creatorId = 7n;

describe("questions where each is reviewed first", () => {
  let app: App;
  const author = callOf(creatorId);
  const moderator = callOf(1n, "ADMIN");

  before(async () => {
    const env = await componentEnvironment("question");
    app = await openQuestionApp({ ...env, QUESTION_REVIEW_REQUIRED: "true" });
    await addCreator(app, creatorId);
  });
  after(() => app?.close());

  const own = async (questionId: bigint) => {
    const request = create(GetOwnQuestionRequestSchema, { questionId });
    return (await getOwnQuestion(app)(request, author)).question as EditableQuestion;
  };
  const publish = (questionId: bigint) =>
    publishQuestion(app)(create(PublishQuestionRequestSchema, { questionId }), author);
  const approve = (questionId: bigint, version = 2) =>
    approveQuestion(app)(create(ApproveQuestionRequestSchema, { questionId, version }), moderator);
  const reject = (questionId: bigint, reason: string) =>
    rejectQuestion(app)(create(RejectQuestionRequestSchema, { questionId, version: 2, reason }), moderator);
  const edit = (questionId: bigint, version: number) =>
    updateQuestion(app)(
      create(UpdateQuestionRequestSchema, { questionId, version, content: questionContent() }),
      author,
    );
  const waiting = async () => {
    const request = create(ListModeratedQuestionsRequestSchema, { pageSize: 100 });
    const { questions = [] } = await listModeratedQuestions(app)(request, moderator);
    return questions.map(each => each.question?.questionId);
  };
  async function submitted(): Promise<bigint> {
    const questionId = await addReadyDraft(app, creatorId);
    await publish(questionId);
    return questionId;
  }

  it("waits for a moderator when its creator publishes it, and is on sale once approved", async () => {
    const [first, second] = [await submitted(), await submitted()];
    await publish(first);
    expect(await own(first)).to.deep.include({ state: IN_REVIEW, stateReason: "" });
    expect((await own(first)).publishTime).to.equal(undefined);
    expect(await waiting()).to.deep.equal([first, second]);
    const { question } = await approve(first);
    expect(question?.question).to.include({ state: PUBLISHED });
    expect((await own(first)).publishTime).not.to.equal(undefined);
    expect(await waiting()).to.deep.equal([second]);
    expect(reasonOf(await approve(first).catch(error => error))).to.equal("WRONG_QUESTION_STATE");
  });

  it("becomes a draft again with the reason when it is rejected, and can be published again", async () => {
    const questionId = await submitted();
    await reject(questionId, "미리보기에 정답이 보입니다.");
    expect(await own(questionId)).to.include({ state: DRAFT, stateReason: "미리보기에 정답이 보입니다." });
    await publish(questionId);
    expect(await own(questionId)).to.include({ state: IN_REVIEW, stateReason: "" });
  });

  it("is not approved in another version than the one that was reviewed", async () => {
    const questionId = await submitted();
    await edit(questionId, 2);
    expect(reasonOf(await approve(questionId).catch(error => error))).to.equal("EDIT_CONFLICT");
    await approve(questionId, 3);
    expect((await own(questionId)).state).to.equal(PUBLISHED);
  });

  it("goes off sale until it is approved again when its creator changes it", async () => {
    const questionId = await submitted();
    await approve(questionId);
    const { publishTime } = await own(questionId);
    await edit(questionId, 2);
    expect((await own(questionId)).state).to.equal(IN_REVIEW);
    await approve(questionId, 3);
    expect(await own(questionId)).to.deep.include({ state: PUBLISHED, publishTime });
  });

  it("stays on sale where the upload that was approved is accepted again", async () => {
    const questionId = await submitted();
    const file = { contentType: "application/pdf", sizeBytes: 5 };
    const uploadId = await app.database.transaction(tx =>
      insertUpload(
        tx,
        { ...file, ownerId: questionId, kind: FileKind.QUESTION },
        { uploadLifetimeSeconds: 60 },
      ),
    );
    const acceptWhile = (copy: () => Promise<boolean>) => {
      const head = new TextEncoder().encode("%PDF-");
      const files = { ...app.files, stagingKey: String, inspect: async () => ({ ...file, head }), copy };
      return acceptUpload({ ...app, files })(
        create(AcceptUploadRequestSchema, { questionId, uploadId }),
        author,
      );
    };
    await acceptWhile(async () => {
      await acceptWhile(async () => true);
      await approve(questionId, 3);
      return true;
    });
    expect(await own(questionId)).to.include({ state: PUBLISHED, version: 3 });
  });

  it("is taken back from review by its creator", async () => {
    const questionId = await submitted();
    const request = create(UnpublishQuestionRequestSchema, { questionId });
    const { question } = await unpublishQuestion(app)(request, author);
    expect(question?.state).to.equal(DRAFT);
    expect(await waiting()).not.to.include(questionId);
  });

  it("is recorded with moderator, version and reason for each decision", async () => {
    const questionId = await submitted();
    await reject(questionId, "중복 문항");
    await publish(questionId);
    await approve(questionId);
    const log = await app.database.query(
      "SELECT admin_user_id, action, detail FROM audit_log WHERE subject = ? ORDER BY audit_id",
      [questionId.toString()],
    );
    expect(log).to.deep.equal([
      { adminUserId: 1n, action: "question.reject", detail: { version: "2", reason: "중복 문항" } },
      { adminUserId: 1n, action: "question.approve", detail: { version: "2", reason: "" } },
    ]);
  });
});
