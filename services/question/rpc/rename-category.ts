import type { CategoryAdminService } from "#gen/questioncloud/question/v1/question_pb.ts";
import { writeAudit } from "#kit/audit.ts";
import type { Handler } from "#kit/route.ts";
import { duplicateCategory, notFound } from "../failures.ts";
import type { QuestionFloor } from "../question-floor.ts";
import { findCategory, findChildren, retitleCategory } from "../store/categories.ts";

export function renameCategory({
  database,
  categoryTree,
}: Dependencies): Handler<typeof CategoryAdminService.method.renameCategory> {
  return ({ categoryId, title }, context) =>
    database.transaction(async tx => {
      const before = await findCategory(tx, categoryId);
      if (before === undefined) {
        throw notFound();
      }
      if (!(await retitleCategory(tx, categoryId, title))) {
        throw duplicateCategory();
      }
      const detail = { from: before.title, to: title };
      await writeAudit(tx, context, { action: "category.rename", subject: categoryId.toString(), detail });
      tx.afterCommit(() => categoryTree.forget());
      const children = await findChildren(tx, categoryId);
      return { category: { categoryId, title, children } };
    });
}

type Dependencies = Pick<QuestionFloor, "database" | "categoryTree">;
