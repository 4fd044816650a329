import { create, fromJsonString, toJsonString } from "@bufbuild/protobuf";
import type { Redis } from "ioredis";
import {
  CategorySchema,
  type ListCategoriesResponse,
  ListCategoriesResponseSchema,
  SubjectCategoriesSchema,
} from "#gen/questioncloud/question/v1/question_pb.ts";
import { createCache } from "#kit/cache.ts";
import type { Database } from "#kit/database.ts";
import { type CategoryRow, readCategories } from "./categories.ts";

/** All categories as the store shows them, from a cache that the replicas share. */
export interface CategoryTree {
  read(): Promise<ListCategoriesResponse>;
  /** Drops what is cached, after a change. */
  forget(): void;
}

const prefix = "question:categories";
const key = "all";

/** Makes the tree; a change that `forget` misses shows after `freshMs`. */
export function createCategoryTree({
  database,
  redis,
  freshMs,
}: {
  database: Database;
  redis: Redis;
  freshMs: number;
}): CategoryTree {
  const cache = createCache({ redis, prefix, freshMs });
  const load = async () => toJsonString(ListCategoriesResponseSchema, toTree(await readCategories(database)));
  return {
    read: async () => fromJsonString(ListCategoriesResponseSchema, await cache.read(key, load)),
    forget() {
      redis.del(`${prefix}:${key}`).catch(() => {});
    },
  };
}

function toTree(rows: readonly CategoryRow[]): ListCategoriesResponse {
  const childrenOf = Map.groupBy(rows, row => row.parentCategoryId);
  const parents = Map.groupBy(childrenOf.get(0n) ?? [], row => row.subject);
  const toCategory = (row: CategoryRow) =>
    create(CategorySchema, { categoryId: row.categoryId, title: row.title });
  return create(ListCategoriesResponseSchema, {
    subjects: [...parents].map(([subject, categories]) =>
      create(SubjectCategoriesSchema, {
        subject,
        categories: categories.map(parent => ({
          ...toCategory(parent),
          children: (childrenOf.get(parent.categoryId) ?? []).map(toCategory),
        })),
      }),
    ),
  });
}
