import type { Floor } from "#kit/floor.ts";
import type { QuestionConfig } from "./config.ts";
import type { CreatorNames } from "./creator-names.ts";
import type { CategoryTree } from "./store/category-tree.ts";
import type { Files } from "./store/files.ts";

/** What the handlers of this service stand on. */
export interface QuestionFloor extends Floor {
  readonly questionConfig: QuestionConfig;
  readonly files: Files;
  readonly creatorNames: CreatorNames;
  readonly categoryTree: CategoryTree;
}
