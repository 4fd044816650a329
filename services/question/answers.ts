import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { EditableQuestionSchema } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { FileKind } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type {
  OwnedQuestionSchema,
  QuestionCreatorSchema,
  StoreQuestionSchema,
} from "#gen/questioncloud/question/v1/question_pb.ts";
import type { Creators } from "./creator-names.ts";
import { fileOf } from "./file-set.ts";
import type { AuthoredQuestion } from "./store/authored.ts";
import type { Files } from "./store/files.ts";
import type { LibraryRow } from "./store/library.ts";
import type { StoreRow } from "./store/store-questions.ts";

/** What stands beside the rows of a page. */
export interface Beside {
  readonly files: Files;
  readonly creators: Creators;
}

/** A question as its creator sees it. */
export async function toEditable(
  question: AuthoredQuestion,
  files: Files,
): Promise<MessageInitShape<typeof EditableQuestionSchema>> {
  return {
    questionId: question.questionId,
    version: question.version,
    state: question.state,
    content: question.content,
    files: await Promise.all(
      question.files.map(async ({ kind, key, contentType, sizeBytes }) => ({
        kind,
        contentType,
        sizeBytes: BigInt(sizeBytes),
        url: await files.showAddress(key),
      })),
    ),
    salesCount: question.salesCount,
    createTime: timestampFromDate(question.createTime),
    ...(question.publishTime === undefined ? {} : { publishTime: timestampFromDate(question.publishTime) }),
  };
}

/** A question as the store shows it. */
export async function toStoreQuestion(
  { promotion, ...row }: StoreRow,
  owned: ReadonlySet<bigint>,
  { files, creators }: Beside,
): Promise<MessageInitShape<typeof StoreQuestionSchema>> {
  return {
    questionId: row.questionId,
    title: row.title,
    subject: row.subject,
    parentCategoryTitle: row.parentCategoryTitle,
    categoryId: row.categoryId,
    categoryTitle: row.categoryTitle,
    type: row.type,
    level: row.level,
    pricePoints: row.pricePoints,
    ...(promotion && { promotion: { ...promotion, endTime: timestampFromDate(promotion.endTime) } }),
    creator: toQuestionCreator(row.creatorId, creators),
    salesCount: row.salesCount,
    owned: owned.has(row.questionId),
    thumbnailUrl: row.thumbnailKey === undefined ? "" : await files.showAddress(row.thumbnailKey),
    publishTime: timestampFromDate(row.publishTime),
  };
}

/** A question as it stands in a library. */
export async function toOwnedQuestion(
  row: LibraryRow,
  { files, creators }: Beside,
): Promise<MessageInitShape<typeof OwnedQuestionSchema>> {
  const thumbnail = fileOf(row.files, FileKind.THUMBNAIL);
  return {
    questionId: row.questionId,
    version: row.version,
    title: row.title,
    subject: row.subject,
    parentCategoryTitle: row.parentCategoryTitle,
    categoryTitle: row.categoryTitle,
    level: row.level,
    creator: toQuestionCreator(row.creatorId, creators),
    hasExplanation: fileOf(row.files, FileKind.EXPLANATION) !== undefined,
    thumbnailUrl: thumbnail === undefined ? "" : await files.showAddress(thumbnail.key),
    purchaseId: row.purchaseId,
    purchaseTime: timestampFromDate(row.ownTime),
  };
}

function toQuestionCreator(
  creatorId: bigint,
  creators: Creators,
): MessageInitShape<typeof QuestionCreatorSchema> {
  const known = creators.get(creatorId);
  return { creatorId, name: known?.name ?? "", profileImageUrl: known?.profileImageUrl ?? "" };
}
