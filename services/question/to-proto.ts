import { create, type MessageInitShape, toJson } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import {
  type EditableQuestionSchema,
  FileKind,
  type FileSpec,
  type QuestionContent,
  QuestionState,
} from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { OwnedQuestionSchema } from "#gen/questioncloud/question/v1/library_pb.ts";
import type { ModeratedQuestionSchema } from "#gen/questioncloud/question/v1/moderation_pb.ts";
import { type QuestionFilter, QuestionFilterSchema } from "#gen/questioncloud/question/v1/question_pb.ts";
import {
  type ListCategoriesResponse,
  ListCategoriesResponseSchema,
  type StoreQuestionSchema,
} from "#gen/questioncloud/question/v1/store_pb.ts";
import type { Files } from "#kit/files/files.ts";
import type { CategoryRow } from "./db/categories.ts";
import type { LibraryRow } from "./db/library.ts";
import type { ModeratedRow } from "./db/moderated.ts";
import type { StoreDetailRow, StoreRow } from "./db/store-questions.ts";
import { fileOf } from "./domain/file-set.ts";
import type { AuthoredQuestion, Content } from "./domain/question.ts";

/** Signs the URLs in an answer. */
export type ViewFiles = Pick<Files, "viewUrl">;

/** A question as its creator sees it. */
export async function toEditableQuestion(
  {
    questionId,
    version,
    state,
    stateReason,
    files,
    salesCount,
    createTime,
    publishTime,
    ...content
  }: AuthoredQuestion,
  { viewUrl }: ViewFiles,
): Promise<MessageInitShape<typeof EditableQuestionSchema>> {
  const toFile = async ({ key, sizeBytes, ...file }: AuthoredQuestion["files"][number]) => ({
    ...file,
    sizeBytes: BigInt(sizeBytes),
    url: await viewUrl(key),
  });
  return {
    questionId,
    version,
    state: QuestionState[state],
    stateReason,
    content,
    files: await Promise.all(files.map(toFile)),
    salesCount,
    createTime: timestampFromDate(createTime),
    ...(publishTime && { publishTime: timestampFromDate(publishTime) }),
  };
}

/** A question as a moderator sees it. */
export async function toModeratedQuestion(
  { creatorId, creatorName, profileImageUrl, ...question }: ModeratedRow,
  files: ViewFiles,
): Promise<MessageInitShape<typeof ModeratedQuestionSchema>> {
  return {
    question: await toEditableQuestion(question, files),
    creator: toQuestionCreator({ creatorId, creatorName, profileImageUrl }),
  };
}

/** The content in a request. */
export function fromContent(content: QuestionContent | undefined): Content {
  const { $typeName: _, $unknown: __, ...rest } = required(content);
  return rest;
}

/** The file that an upload specifies. */
export function fromFileSpec(file: FileSpec | undefined) {
  const { kind, contentType, sizeBytes } = required(file);
  return { kind, contentType, sizeBytes: Number(sizeBytes) };
}

/** A question on sale, for a user who owns the questions in `owned`. */
export async function toStoreQuestion(
  row: StoreRow,
  owned: ReadonlySet<bigint>,
  { viewUrl }: ViewFiles,
): Promise<MessageInitShape<typeof StoreQuestionSchema>> {
  return {
    ...row,
    ...toActivePromotion(row),
    creator: toQuestionCreator(row),
    owned: owned.has(row.questionId),
    averageRateTenths: row.ratingTenths,
    reviewCount: row.ratingCount,
    thumbnailUrl: row.thumbnailKey === null ? "" : await viewUrl(row.thumbnailKey),
    publishTime: timestampFromDate(row.publishTime),
  };
}

/** A question on sale with its details. */
export async function toStoreDetail(
  row: StoreDetailRow,
  owned: ReadonlySet<bigint>,
  { viewUrl }: ViewFiles,
): Promise<MessageInitShape<typeof StoreQuestionSchema>> {
  const question = await toStoreQuestion(row, owned, { viewUrl });
  const preview = fileOf(row.files, FileKind.PREVIEW);
  return {
    ...question,
    description: row.description,
    previewUrl: preview === undefined ? "" : await viewUrl(preview.key),
  };
}

type PromotionColumns = Pick<
  StoreRow,
  "promotionId" | "promotionTitle" | "salePricePoints" | "promotionEndTime"
>;

/** The active promotion of a question, where there is one. */
export function toActivePromotion({
  promotionId,
  promotionTitle,
  salePricePoints,
  promotionEndTime,
}: PromotionColumns) {
  return promotionId === null ||
    promotionTitle === null ||
    salePricePoints === null ||
    promotionEndTime === null
    ? {}
    : {
        promotion: {
          promotionId,
          title: promotionTitle,
          salePricePoints,
          endTime: timestampFromDate(promotionEndTime),
        },
      };
}

/** A question of a library. */
export async function toOwnedQuestion(
  { entitlementId: _, ownTime, files, ...row }: LibraryRow,
  { viewUrl }: ViewFiles,
): Promise<MessageInitShape<typeof OwnedQuestionSchema>> {
  const thumbnail = fileOf(files, FileKind.THUMBNAIL);
  return {
    ...row,
    creator: toQuestionCreator(row),
    hasExplanation: fileOf(files, FileKind.EXPLANATION) !== undefined,
    thumbnailUrl: thumbnail === undefined ? "" : await viewUrl(thumbnail.key),
    purchaseTime: timestampFromDate(ownTime),
  };
}

type CreatorColumns = Pick<StoreRow, "creatorId" | "creatorName" | "profileImageUrl">;

/** The creator as shown with a question. */
export function toQuestionCreator({ creatorId, creatorName, profileImageUrl }: CreatorColumns) {
  return { creatorId, name: creatorName, profileImageUrl };
}

/** Identifies a filter in page tokens. */
export function toFilterKey(filter: QuestionFilter): unknown {
  return toJson(QuestionFilterSchema, filter);
}

/** All categories by subject. */
export function toCategoryTree(rows: readonly CategoryRow[]): ListCategoriesResponse {
  const childrenOf = Map.groupBy(rows, row => row.parentCategoryId);
  const parents = Map.groupBy(childrenOf.get(0n) ?? [], row => row.subject);
  return create(ListCategoriesResponseSchema, {
    subjects: [...parents].map(([subject, categories]) => ({
      subject,
      categories: categories.map(parent => ({
        ...parent,
        children: childrenOf.get(parent.categoryId) ?? [],
      })),
    })),
  });
}

/** A field that the contract requires. */
export function required<T>(value: T | undefined): T {
  if (value === undefined) {
    throw new TypeError("the contract requires this field");
  }
  return value;
}
