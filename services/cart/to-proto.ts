import type { MessageInitShape } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import type { CartSchema } from "#gen/questioncloud/cart/v1/cart_pb.ts";
import type { Offer } from "#gen/questioncloud/question/v1/internal_catalog_pb.ts";
import type { CartLineRow } from "./db/cart-lines.ts";
import { totalsOf } from "./domain/totals.ts";

/** A cart as its user sees it; `offers` are what its lines offer now, in the same order. */
export function toCart(
  rows: readonly CartLineRow[],
  offers: readonly Offer[],
): MessageInitShape<typeof CartSchema> {
  const lines = offers.flatMap(({ $typeName: _, $unknown: __, ...offer }, index) => {
    const row = rows[index];
    return row === undefined ? [] : [{ ...offer, addTime: timestampFromDate(row.createTime) }];
  });
  return { lines, ...totalsOf(offers) };
}
