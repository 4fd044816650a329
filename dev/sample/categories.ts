import { CategoryAdminService } from "#gen/questioncloud/question/v1/category_admin_pb.ts";
import type { Subject } from "#gen/questioncloud/question/v1/question_pb.ts";
import { type Category, StoreService } from "#gen/questioncloud/question/v1/store_pb.ts";
import type { PublicApi } from "../demo/public-api.ts";
import type { CategoryPath } from "./questions.ts";

/** Finds the id of a child category. */
export type FindCategory = (path: CategoryPath) => bigint;

/** Creates the categories that are missing, as an operator, and returns how to find them all. */
export async function ensureCategories(
  api: PublicApi,
  adminToken: string,
  paths: readonly CategoryPath[],
): Promise<FindCategory> {
  const admin = api.client(CategoryAdminService, adminToken);
  const found = await readCategories(api);
  const ensure = async (subject: Subject, parentCategoryId: bigint, key: string, title: string) => {
    const known = found.get(key);
    if (known !== undefined) {
      return known;
    }
    const { category } = await admin.createCategory({ subject, parentCategoryId, title });
    const id = category?.categoryId ?? 0n;
    found.set(key, id);
    return id;
  };
  for (const { subject, parent, child } of paths) {
    const parentId = await ensure(subject, 0n, keyOf(subject, parent), parent);
    await ensure(subject, parentId, keyOf(subject, parent, child), child);
  }
  return path => {
    const id = found.get(keyOf(path.subject, path.parent, path.child));
    if (id === undefined) {
      throw new RangeError(`There is no category ${path.parent}, ${path.child}.`);
    }
    return id;
  };
}

async function readCategories(api: PublicApi): Promise<Map<string, bigint>> {
  const { subjects } = await api.client(StoreService).listCategories({});
  const entries = subjects.flatMap(({ subject, categories }) =>
    categories.flatMap(parent => [
      entry(subject, [parent]),
      ...parent.children.map(child => entry(subject, [parent, child])),
    ]),
  );
  return new Map(entries);
}

function entry(subject: Subject, path: readonly Category[]): [string, bigint] {
  return [keyOf(subject, ...path.map(({ title }) => title)), path.at(-1)?.categoryId ?? 0n];
}

function keyOf(subject: Subject, ...titles: string[]): string {
  return [subject, ...titles].join("/");
}
