import type { QuestionFilter } from "#gen/questioncloud/question/v1/question_pb.ts";
import type { QuestionSort } from "#gen/questioncloud/question/v1/store_pb.ts";
import type { Tx } from "#kit/data/database.ts";
import type { Page, PageCursor } from "#kit/data/keyset.ts";

/** What is looked for in the store. */
export interface StoreQuery {
  readonly filter: QuestionFilter;
  readonly sort: QuestionSort;
}

/** Finds questions on sale. Another search engine than MariaDB implements this and nothing else; see docs/search.md. */
export interface StoreSearch {
  /** The ids on one page. It may be shorter than asked for, even empty, where there is a next one. */
  findPage(query: StoreQuery, page: PageCursor): Promise<Page<bigint>>;
  /** Takes over the content and state of questions, as the transaction leaves them. */
  put(tx: Tx, questionIds: readonly bigint[]): Promise<void>;
}
