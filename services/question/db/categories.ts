import { DataTypes } from "sequelize";
import type { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { nameKey } from "#kit/contract/name-key.ts";
import { type Queryable, type Tx, violatedKey } from "#kit/data/database.ts";
import { table } from "#kit/data/model.ts";

/** A category; a parent category has the parent 0. */
export interface CategoryRow {
  readonly categoryId: bigint;
  readonly subject: Subject;
  readonly parentCategoryId: bigint;
  readonly title: string;
}

const categories = table<CategoryRow & { titleKey: string }>("category", {
  categoryId: { type: DataTypes.BIGINT, primaryKey: true, autoIncrement: true },
  subject: DataTypes.TINYINT,
  parentCategoryId: DataTypes.BIGINT,
  title: DataTypes.STRING,
  titleKey: DataTypes.STRING,
});

/** Reads all categories by subject, in the order in which they were created. */
export function readCategories(from: Queryable): Promise<CategoryRow[]> {
  return categories(from).list({ order: ["subject", "categoryId"] });
}

export function findCategory(from: Queryable, categoryId: bigint): Promise<CategoryRow | undefined> {
  return categories(from).find({ where: { categoryId } });
}

export function findChildren(from: Queryable, parentCategoryId: bigint): Promise<CategoryRow[]> {
  return categories(from).list({ where: { parentCategoryId }, order: ["categoryId"] });
}

/** Adds a category. Returns undefined where a sibling has the title. */
export function insertCategory(
  tx: Tx,
  category: Omit<CategoryRow, "categoryId">,
): Promise<bigint | undefined> {
  return unlessTitleTaken(categories(tx).insert({ ...category, titleKey: nameKey(category.title) }));
}

/** Changes the title of a category. Returns false where a sibling has it. */
export async function updateTitle(tx: Tx, categoryId: bigint, title: string): Promise<boolean> {
  return (
    (await unlessTitleTaken(categories(tx).update({ title, titleKey: nameKey(title) }, { categoryId }))) !==
    undefined
  );
}

async function unlessTitleTaken<T>(writing: Promise<T>): Promise<T | undefined> {
  try {
    return await writing;
  } catch (error) {
    if (violatedKey(error) === "uq_category_title") {
      return undefined;
    }
    throw error;
  }
}
