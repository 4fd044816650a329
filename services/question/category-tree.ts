import { fromJsonString, toJsonString } from "@bufbuild/protobuf";
import {
  type ListCategoriesResponse,
  ListCategoriesResponseSchema,
} from "#gen/questioncloud/question/v1/store_pb.ts";
import { createCache } from "#kit/data/cache.ts";
import type { Runtime } from "#kit/service/runtime.ts";
import { readCategories } from "./db/categories.ts";
import { toCategoryTree } from "./to-proto.ts";

/** All categories as the store shows them, from a cache that the replicas share. */
export interface CategoryTree {
  read(): Promise<ListCategoriesResponse>;
  /** Drops the cached tree, after a change. */
  forget(): void;
}

const key = "all";

/** Creates the tree; a change that `forget` misses is visible after `freshMs`. */
export function createCategoryTree(
  { database, redis }: Pick<Runtime, "database" | "redis">,
  { freshMs }: { freshMs: number },
): CategoryTree {
  const cache = createCache({ redis, prefix: "question:categories", freshMs });
  const load = async () =>
    toJsonString(ListCategoriesResponseSchema, toCategoryTree(await readCategories(database)));
  return {
    read: async () => fromJsonString(ListCategoriesResponseSchema, await cache.read(key, load)),
    forget: () => void cache.forget(key),
  };
}
