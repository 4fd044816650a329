import type { Client } from "@connectrpc/connect";
import { CreatorService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { AuthoringService, FileKind, QuestionState } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { PromotionService } from "#gen/questioncloud/question/v1/promotion_pb.ts";
import type { PublicApi } from "../demo/public-api.ts";
import { reasonOf } from "../demo/refusal.ts";
import { type OutgoingFile, uploadFile } from "../demo/upload.ts";
import type { FindCategory } from "./categories.ts";
import { daysFromNow } from "./days.ts";
import { renderPdf } from "./pdf.ts";
import type { SampleCreator } from "./people.ts";
import { renderPreview } from "./preview.ts";
import type { SampleQuestion } from "./questions.ts";
import { createSeededRandom } from "./random.ts";
import { sampleId } from "./sample-id.ts";

/** What a creator publishes with. */
interface CreatorClients {
  readonly authoring: Client<typeof AuthoringService>;
  readonly promotions: Client<typeof PromotionService>;
}

/** Opens the clients of a creator. */
export function openCreatorClients(api: PublicApi, token: string | undefined): CreatorClients {
  return {
    authoring: api.client(AuthoringService, token),
    promotions: api.client(PromotionService, token),
  };
}

/** Registers the caller as a creator unless that was done before. Returns the id of the creator. */
export async function registerCreatorOnce(
  api: PublicApi,
  token: string,
  { creatorName, mainSubject, introduction }: SampleCreator,
): Promise<bigint> {
  const content = { name: creatorName, mainSubject, introduction };
  try {
    const { creator } = await api.client(CreatorService, token).registerCreator({ content });
    return creator?.creatorId ?? 0n;
  } catch (error) {
    if (reasonOf(error) !== "ALREADY_REGISTER_CREATOR") {
      throw error;
    }
    const { creator } = await api.client(CreatorService, token).getOwnCreator({});
    return creator?.creatorId ?? 0n;
  }
}

/** Creates, uploads and publishes a question, as far as that was not done before. Returns the id of the question. */
export async function publishOnce(
  { authoring, promotions }: CreatorClients,
  sample: SampleQuestion,
  findCategory: FindCategory,
): Promise<bigint> {
  const { question } = await authoring.createQuestion({
    requestId: sampleId(`question ${sample.key}`),
    content: {
      title: sample.title,
      description: sample.description,
      subject: sample.category.subject,
      categoryId: findCategory(sample.category),
      type: sample.type,
      level: sample.level,
      pricePoints: sample.pricePoints,
    },
  });
  const questionId = question?.questionId ?? 0n;
  const isNew = question?.state === QuestionState.DRAFT;
  if (isNew) {
    for (const file of renderFiles(sample)) {
      await uploadFile(authoring, questionId, file);
    }
    await authoring.publishQuestion({ questionId });
  }
  if (sample.promotion !== undefined && (isNew || !(await hasPromotion(promotions, questionId)))) {
    const { title, salePricePoints, lastsDays } = sample.promotion;
    const content = { title, salePricePoints, endTime: daysFromNow(lastsDays) };
    await promotions.createPromotion({ questionId, content });
  }
  return questionId;
}

/** The files of a question, rendered from its content. */
export function renderFiles({
  key,
  title,
  description,
  category,
  hasExplanation,
}: SampleQuestion): OutgoingFile[] {
  const png = (kind: FileKind, width: number): OutgoingFile => ({
    kind,
    contentType: "image/png",
    bytes: renderPreview({ width, subject: category.subject, random: createSeededRandom(key) }),
  });
  const pdf = (kind: FileKind, label: string, text: string): OutgoingFile => ({
    kind,
    contentType: "application/pdf",
    bytes: renderPdf({ label: `QuestionCloud sample ${label}`, title, text }),
  });
  return [
    pdf(FileKind.QUESTION, key, description),
    png(FileKind.PREVIEW, 480),
    png(FileKind.THUMBNAIL, 180),
    ...(hasExplanation
      ? [pdf(FileKind.EXPLANATION, `${key} explanation`, "조건을 식으로 옮긴 뒤 표로 정리합니다.")]
      : []),
  ];
}

async function hasPromotion(client: CreatorClients["promotions"], questionId: bigint): Promise<boolean> {
  const { promotions } = await client.listPromotions({ questionId });
  return promotions.length > 0;
}
