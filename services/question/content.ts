import type { QuestionContent } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import type { Queryable } from "#kit/database.ts";
import { wrongCategory } from "./failures.ts";
import { findCategory } from "./store/categories.ts";

/** The content of a request, once its category is found to be a child of its subject. */
export async function requireContent(
  from: Queryable,
  content: QuestionContent | undefined,
): Promise<QuestionContent> {
  if (content === undefined) {
    throw new TypeError("the contract requires content");
  }
  const category = await findCategory(from, content.categoryId);
  if (category === undefined || category.parentCategoryId === 0n || category.subject !== content.subject) {
    throw wrongCategory();
  }
  return content;
}
