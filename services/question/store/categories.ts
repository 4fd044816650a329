import type { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { type Queryable, type Tx, violatedKey } from "#kit/database.ts";

/** A category; a parent has the parent 0n. */
export interface CategoryRow {
  readonly categoryId: bigint;
  readonly subject: Subject;
  readonly parentCategoryId: bigint;
  readonly title: string;
}

interface Row {
  category_id: bigint;
  subject: number;
  parent_category_id: bigint;
  title: string;
}

const select = "SELECT category_id, subject, parent_category_id, title FROM category";

/** Reads all categories: by subject, and in the order in which they were made. */
export async function readCategories(from: Queryable): Promise<CategoryRow[]> {
  const rows = await from.query<Row>(`${select} ORDER BY subject, category_id`);
  return rows.map(toCategory);
}

/** Reads one category. */
export async function findCategory(from: Queryable, categoryId: bigint): Promise<CategoryRow | undefined> {
  const [row] = await from.query<Row>(`${select} WHERE category_id = ?`, [categoryId]);
  return row && toCategory(row);
}

/** Reads the children of a category. */
export async function findChildren(from: Queryable, categoryId: bigint): Promise<CategoryRow[]> {
  const rows = await from.query<Row>(`${select} WHERE parent_category_id = ? ORDER BY category_id`, [
    categoryId,
  ]);
  return rows.map(toCategory);
}

/** Adds a category. Returns undefined where a sibling has the title. */
export async function insertCategory(
  tx: Tx,
  { subject, parentCategoryId, title }: Omit<CategoryRow, "categoryId">,
): Promise<bigint | undefined> {
  try {
    const { insertId } = await tx.execute(
      "INSERT INTO category (subject, parent_category_id, title) VALUES (?, ?, ?)",
      [subject, parentCategoryId, title],
    );
    return insertId;
  } catch (error) {
    if (violatedKey(error) === "uq_category_title") {
      return undefined;
    }
    throw error;
  }
}

/** Changes the title of a category. Returns false where a sibling has it. */
export async function retitleCategory(tx: Tx, categoryId: bigint, title: string): Promise<boolean> {
  try {
    await tx.execute("UPDATE category SET title = ? WHERE category_id = ?", [title, categoryId]);
    return true;
  } catch (error) {
    if (violatedKey(error) === "uq_category_title") {
      return false;
    }
    throw error;
  }
}

function toCategory(row: Row): CategoryRow {
  return {
    categoryId: row.category_id,
    subject: row.subject as Subject,
    parentCategoryId: row.parent_category_id,
    title: row.title,
  };
}
