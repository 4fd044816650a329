import { create } from "@bufbuild/protobuf";
import {
  ListQuestionsRequestSchema,
  type ListQuestionsResponse,
  ListQuestionsResponseSchema,
  QuestionSort,
  StoreService,
} from "#gen/questioncloud/question/v1/store_pb.ts";

/** The method that is called: public, limited as a read, and without side effects, so that GET may call it. */
export const method = StoreService.method.listQuestions;
export const path = `/${StoreService.typeName}/${method.name}`;

export const request = create(ListQuestionsRequestSchema, {
  pageSize: 20,
  sort: QuestionSort.LATEST,
  filter: { categoryIds: [12n] },
});

/** A page with so many questions. */
export function createReply(items: number): ListQuestionsResponse {
  return create(ListQuestionsResponseSchema, {
    questions: Array.from({ length: items }, (_, index) => ({
      questionId: BigInt(index + 1),
      title: "함수의 극한과 연속에 대한 문제",
      parentCategoryTitle: "수학Ⅱ",
      categoryId: 12n,
      categoryTitle: "함수의 극한",
      level: 4,
      pricePoints: 1500n,
      creator: { creatorId: 7n, name: "김선생" },
      salesCount: 1234n,
      thumbnailUrl: "https://files.example/thumbnails/0192f0c1?signature=0123456789abcdef0123456789abcdef",
      publishTime: { seconds: 1_760_000_000n, nanos: 0 },
      averageRateTenths: 45,
      reviewCount: 321n,
    })),
    nextPageToken: "0123456789abcdef",
  });
}
