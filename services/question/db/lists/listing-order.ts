import { QuestionSort } from "#gen/questioncloud/question/v1/store_pb.ts";
import type { Order } from "./order.ts";

/** What a list of the store is sorted by; ties go to the newer question. */
export interface ListingOrder extends Order {
  /** In the names of indexes. */
  readonly name: "popularity" | "rating" | "latest" | "level" | "price";
}

const descending = { direction: "DESC", isNumber: true, ties: "DESC" } as const;
const byPopularity: ListingOrder = { ...descending, name: "popularity", column: "sales_count" };

const orders: ReadonlyMap<QuestionSort, ListingOrder> = new Map([
  [QuestionSort.POPULARITY, byPopularity],
  [QuestionSort.RATE, { ...descending, name: "rating", column: "rating_tenths" }],
  [QuestionSort.LATEST, { ...descending, name: "latest", column: "publish_time", isNumber: false }],
  [QuestionSort.LEVEL, { ...descending, name: "level", column: "level" }],
  [QuestionSort.PRICE, { ...descending, name: "price", column: "price_points", direction: "ASC" }],
]);

export function orderOf(sort: QuestionSort): ListingOrder {
  return orders.get(sort) ?? byPopularity;
}
