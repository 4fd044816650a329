import type { CategoryAdminService } from "#gen/questioncloud/question/v1/category_admin_pb.ts";
import { writeAudit } from "#kit/data/audit.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findCategory, insertCategory } from "../db/categories.ts";
import { duplicateCategory, notFound, wrongCategory } from "../failures.ts";

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

type Dependencies = Pick<App, "database" | "categoryTree">;
