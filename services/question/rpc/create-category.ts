import type { CategoryAdminService } from "#gen/questioncloud/question/v1/question_pb.ts";
import { writeAudit } from "#kit/audit.ts";
import type { Handler } from "#kit/route.ts";
import { duplicateCategory, notFound, wrongCategory } from "../failures.ts";
import type { QuestionFloor } from "../question-floor.ts";
import { findCategory, insertCategory } from "../store/categories.ts";

export function createCategory({
  database,
  categoryTree,
}: Dependencies): Handler<typeof CategoryAdminService.method.createCategory> {
  return ({ subject, parentCategoryId, title }, context) =>
    database.transaction(async tx => {
      if (parentCategoryId !== 0n) {
        const parent = await findCategory(tx, parentCategoryId);
        if (parent === undefined) {
          throw notFound();
        }
        if (parent.parentCategoryId !== 0n || parent.subject !== subject) {
          throw wrongCategory();
        }
      }
      const categoryId = await insertCategory(tx, { subject, parentCategoryId, title });
      if (categoryId === undefined) {
        throw duplicateCategory();
      }
      const detail = { parent_category_id: parentCategoryId.toString(), title };
      await writeAudit(tx, context, { action: "category.create", subject: categoryId.toString(), detail });
      tx.afterCommit(() => categoryTree.forget());
      return { category: { categoryId, title } };
    });
}

type Dependencies = Pick<QuestionFloor, "database" | "categoryTree">;
