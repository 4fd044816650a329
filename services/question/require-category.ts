import type { Tx } from "#kit/data/database.ts";
import { findCategory } from "./db/categories.ts";
import type { Content } from "./domain/question.ts";
import { wrongCategory } from "./failures.ts";

/** Refuses content whose category is not a child category of its subject. */
export async function requireCategory(tx: Tx, { categoryId, subject }: Content): Promise<void> {
  const category = await findCategory(tx, categoryId);
  if (category === undefined || category.parentCategoryId === 0n || category.subject !== subject) {
    throw wrongCategory();
  }
}
