import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";
import { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { AuthoringService, FileKind, QuestionState } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { PromotionService } from "#gen/questioncloud/question/v1/promotion_pb.ts";
import { QuestionType, Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import { renderPdf } from "../sample/pdf.ts";
import { renderPreview } from "../sample/preview.ts";
import { createSeededRandom } from "../sample/random.ts";
import type { Person } from "./signing-up.ts";
import { must, mustRefuse, type Stage } from "./stage.ts";
import { uploadFile } from "./upload.ts";

/** A question on sale. */
interface Offer {
  readonly questionId: bigint;
  readonly title: string;
  readonly pricePoints: bigint;
  /** The file that buyers get. */
  readonly file: Uint8Array<ArrayBuffer>;
}

/** The two questions of the story. */
export type Shelf = readonly [Offer, Offer];

/** The price of the first question while its promotion lasts. */
export const salePricePoints = 2400n;

const weekMs = 7 * 86_400_000;

/** Registers the caller as creator, under a unique name. */
export async function becomeCreator({ api }: Stage, author: Person): Promise<bigint> {
  const content = {
    name: `김출제 연구실 ${randomUUID().slice(0, 8)}`,
    mainSubject: Subject.MATHEMATICS,
    introduction: "수능 수학 문항을 만듭니다.",
  };
  const { creator } = await api.client(CreatorService, author.token).registerCreator({ content });
  const { creatorId, statistics } = must(creator, "the creator");
  assert.equal(statistics?.salesCount ?? 0n, 0n, "a new creator has sold nothing");
  return creatorId;
}

/** Publishes the two questions and finds them in the store. */
export async function publishQuestions(stage: Stage, author: Person): Promise<Shelf> {
  const categoryId = await chooseCategory(stage);
  const publish = (title: string, pricePoints: bigint) =>
    publishQuestion(stage, author, { title, pricePoints, categoryId });
  return [await publish("삼각함수 그래프의 대칭성", 3000n), await publish("삼각함수를 포함한 방정식", 2500n)];
}

/** Creates a promotion for a week; the store shows its price at once. */
export async function promote({ api }: Stage, author: Person, [offer]: Shelf): Promise<void> {
  const { questionId } = offer;
  const content = {
    title: "출시 기념 할인",
    salePricePoints,
    endTime: timestampFromMs(Date.now() + weekMs),
  };
  await api.client(PromotionService, author.token).createPromotion({ questionId, content });
  const { question } = await api.client(StoreService).getQuestion({ questionId });
  assert.equal(question?.pricePoints, offer.pricePoints, "the list price stays");
  assert.equal(question?.promotion?.salePricePoints, salePricePoints, "the store shows the lower price");
}

/** A child category of mathematics. */
async function chooseCategory({ api }: Stage): Promise<bigint> {
  const { subjects } = await api.client(StoreService).listCategories({});
  const mathematics = subjects.find(({ subject }) => subject === Subject.MATHEMATICS);
  const children = mathematics?.categories.flatMap(parent => parent.children) ?? [];
  const chosen = children.find(({ title }) => title === "삼각함수") ?? children[0];
  return must(chosen, "a category of mathematics").categoryId;
}

async function publishQuestion(
  stage: Stage,
  author: Person,
  { title, pricePoints, categoryId }: { title: string; pricePoints: bigint; categoryId: bigint },
): Promise<Offer> {
  const authoring = stage.api.client(AuthoringService, author.token);
  const { question: draft } = await authoring.createQuestion({
    requestId: randomUUID(),
    content: {
      title,
      description: "그래프를 그리지 않고 대칭성만으로 풀 수 있는지 묻는 문항입니다.",
      subject: Subject.MATHEMATICS,
      categoryId,
      type: QuestionType.SELF_MADE,
      level: 4,
      pricePoints,
    },
  });
  const { questionId, state } = must(draft, "the draft");
  assert.equal(state, QuestionState.DRAFT, "a new question is a draft");
  await mustRefuse("QUESTION_NOT_READY", authoring.publishQuestion({ questionId }));

  const file = renderPdf({ label: `QuestionCloud demo ${questionId}`, title, text: "다음 물음에 답하시오." });
  const random = createSeededRandom(title);
  const preview = renderPreview({ width: 480, subject: Subject.MATHEMATICS, random });
  await uploadFile(authoring, questionId, {
    kind: FileKind.QUESTION,
    contentType: "application/pdf",
    bytes: file,
  });
  await uploadFile(authoring, questionId, {
    kind: FileKind.PREVIEW,
    contentType: "image/png",
    bytes: preview,
  });
  stage.narrator.say(`A PDF of ${file.length} bytes and a preview of ${preview.length} bytes are uploaded`);

  await authoring.publishQuestion({ questionId });
  const { question } = await stage.api.client(StoreService).getQuestion({ questionId });
  assert.equal(question?.title, title, "the store shows the question");
  const shown = await fetch(must(question, "the question in the store").previewUrl);
  assert.deepEqual(await shown.bytes(), preview, "everybody sees the preview as it was uploaded");
  return { questionId, title, pricePoints, file };
}
