import type { CategoryAdminService } from "#gen/questioncloud/question/v1/category_admin_pb.ts";
import { writeAudit } from "#kit/data/audit.ts";
import type { Handler } from "#kit/rpc/implement.ts";
import type { App } from "../app.ts";
import { findCategory, findChildren, updateTitle } from "../db/categories.ts";
import { duplicateCategory, notFound } from "../failures.ts";

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
      if (!(await updateTitle(tx, categoryId, title))) {
        throw duplicateCategory();
      }
      const detail = { from: before.title, to: title };
      await writeAudit(tx, context, { action: "category.rename", subject: categoryId.toString(), detail });
      tx.afterCommit(() => categoryTree.forget());
      return { category: { categoryId, title, children: await findChildren(tx, categoryId) } };
    });
}

type Dependencies = Pick<App, "database" | "categoryTree">;
