import type { Client } from "@connectrpc/connect";
import { CreatorService, WorkspaceService } from "#gen/questioncloud/creator/v1/creator_pb.ts";
import { FileKind, QuestionState } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { FrontDoor } from "../demo/front-door.ts";
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

type Workspace = Client<typeof WorkspaceService>;

/** Makes the caller a creator; one who is stays so. Returns the id of the creator. */
export async function registerCreatorOnce(
  door: FrontDoor,
  token: string,
  { creatorName, mainSubject, introduction }: SampleCreator,
): Promise<bigint> {
  const content = { name: creatorName, mainSubject, introduction };
  try {
    const { creator } = await door.client(CreatorService, token).registerCreator({ content });
    return creator?.creatorId ?? 0n;
  } catch (error) {
    if (reasonOf(error) !== "ALREADY_REGISTER_CREATOR") {
      throw error;
    }
    const { creator } = await door.client(WorkspaceService, token).getOwnCreator({});
    return creator?.creatorId ?? 0n;
  }
}

/** Writes, uploads and publishes a question, as far as that is not done. Returns the id of the question. */
export async function publishOnce(
  workspace: Workspace,
  sample: SampleQuestion,
  findCategory: FindCategory,
): Promise<bigint> {
  const { question } = await workspace.createQuestion({
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
      await uploadFile(workspace, questionId, file);
    }
    await workspace.publishQuestion({ questionId });
  }
  if (sample.promotion !== undefined && (isNew || !(await hasPromotion(workspace, questionId)))) {
    const { title, salePricePoints, lastsDays } = sample.promotion;
    const content = { title, salePricePoints, endTime: daysFromNow(lastsDays) };
    await workspace.createPromotion({ questionId, content });
  }
  return questionId;
}

/** The files of a question, made from what it says. */
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

async function hasPromotion(workspace: Workspace, questionId: bigint): Promise<boolean> {
  const { promotions } = await workspace.listPromotions({ questionId });
  return promotions.length > 0;
}
