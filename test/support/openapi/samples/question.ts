import { randomUUID } from "node:crypto";
import {
  admin,
  anyone,
  later,
  type SampleCalls,
  type SampleFacts,
  uniqueName,
  unknownId,
  user,
} from "../sample-call.ts";

/** Calls of the methods of question. */
export default function questionCalls({ draft }: SampleFacts): SampleCalls {
  const questionId = String(draft.questionId);
  const content = {
    title: "지수와 로그",
    description: "설명",
    subject: "SUBJECT_MATHEMATICS",
    categoryId: "2",
    type: "QUESTION_TYPE_SELF_MADE",
    level: 3,
    pricePoints: "1000",
  };
  const file = { kind: "FILE_KIND_QUESTION", contentType: "application/pdf", sizeBytes: "1000" };
  const reason = "저작권 확인";
  const promotion = { title: "할인", salePricePoints: "500", endTime: later() };
  return {
    "question.v1.AuthoringService/ListOwnQuestions": user({}),
    "question.v1.AuthoringService/GetOwnQuestion": user({ questionId }),
    "question.v1.AuthoringService/CreateQuestion": user({ requestId: randomUUID(), content }),
    "question.v1.AuthoringService/UpdateQuestion": user(
      { questionId, version: 1_000_000, content },
      "EDIT_CONFLICT",
    ),
    "question.v1.AuthoringService/CreateUpload": user({ questionId, file }),
    "question.v1.AuthoringService/AcceptUpload": user({ questionId, uploadId: randomUUID() }, "NOT_FOUND"),
    "question.v1.AuthoringService/PublishQuestion": user({ questionId }, "QUESTION_NOT_READY"),
    "question.v1.AuthoringService/DeleteQuestion": user({ questionId: unknownId }, "NOT_FOUND"),
    "question.v1.AuthoringService/UnpublishQuestion": user({ questionId }),
    "question.v1.ModerationService/ListModeratedQuestions": admin({ queue: "MODERATION_QUEUE_SUSPENDED" }),
    "question.v1.ModerationService/GetModeratedQuestion": admin({ questionId }),
    "question.v1.ModerationService/ApproveQuestion": admin(
      { questionId, version: 1 },
      "WRONG_QUESTION_STATE",
    ),
    "question.v1.ModerationService/RejectQuestion": admin(
      { questionId, version: 1, reason },
      "WRONG_QUESTION_STATE",
    ),
    "question.v1.ModerationService/SuspendQuestion": admin({ questionId, reason }, "WRONG_QUESTION_STATE"),
    "question.v1.ModerationService/RestoreQuestion": admin(
      { questionId, version: 1, reason },
      "WRONG_QUESTION_STATE",
    ),
    "question.v1.CategoryAdminService/CreateCategory": admin({
      subject: "SUBJECT_MATHEMATICS",
      title: uniqueName(),
    }),
    "question.v1.CategoryAdminService/RenameCategory": admin(
      { categoryId: unknownId, title: uniqueName() },
      "NOT_FOUND",
    ),
    "question.v1.LibraryService/ListOwnedQuestions": user({}),
    "question.v1.LibraryService/CreateDownloadLink": user({ questionId }, "NOT_OWNED_QUESTION"),
    "question.v1.PromotionService/CreatePromotion": user(
      { questionId: unknownId, content: promotion },
      "NOT_FOUND",
    ),
    "question.v1.PromotionService/EndPromotion": user({ questionId, promotionId: unknownId }, "NOT_FOUND"),
    "question.v1.PromotionService/ListPromotions": user({ questionId }),
    "question.v1.StoreService/ListCategories": anyone({}),
    "question.v1.StoreService/ListQuestions": anyone({
      filter: { subjects: ["SUBJECT_MATHEMATICS"], minPricePoints: "1" },
    }),
    "question.v1.StoreService/GetQuestion": anyone({ questionId: unknownId }, "NOT_FOUND"),
  };
}
