import { isDeepStrictEqual } from "node:util";
import { create } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { toDocument } from "../../services/pay/store/history.ts";
import { listAllPaid } from "../../services/pay/store/purchases.ts";
import type { Check } from "./stores.ts";

const pageRows = 200;

/** The purchase history in MongoDB is the one that MariaDB would give. */
export const historyCheck: Check = {
  name: "I7  purchase history",
  async *run(stores, { graceSeconds }) {
    const { pay } = stores.databases;
    for (let afterId = "", more = true; more; ) {
      const purchases = await listAllPaid(pay, afterId, pageRows);
      const documents = await stores.history(purchases.map(purchase => purchase.purchaseId));
      for (const purchase of purchases) {
        const { purchaseId, userId, requestId, quote, createTime, finishTime = createTime } = purchase;
        const times = { createTime: timestampFromDate(createTime), payTime: timestampFromDate(finishTime) };
        const expected = toDocument(
          create(QuestionsPurchasedSchema, { purchaseId, userId, requestId, quote, ...times }),
        );
        const found = documents.get(purchaseId);
        const young = found === undefined && Date.now() - finishTime.getTime() < graceSeconds * 1000;
        if (!young && !isDeepStrictEqual({ ...found }, { ...expected })) {
          yield found === undefined
            ? `${purchaseId} is missing`
            : `${purchaseId} says something else than MariaDB`;
        }
      }
      afterId = purchases.at(-1)?.purchaseId ?? afterId;
      more = purchases.length === pageRows;
    }
    yield* surplus(stores);
  },
};

async function* surplus(stores: Parameters<Check["run"]>[0]): AsyncIterable<string> {
  for (let afterId = "", more = true; more; ) {
    const ids = await stores.historyIds(afterId, pageRows);
    const paid =
      ids.length === 0
        ? []
        : await stores.databases.pay.query<{ id: string }>(
            "SELECT purchase_id AS id FROM purchase WHERE state = 'PAID' AND purchase_id IN (?)",
            [ids],
          );
    const known = new Set(paid.map(row => row.id));
    for (const id of ids.filter(each => !known.has(each))) {
      yield `${id} stands in the history and is no paid purchase`;
    }
    afterId = ids.at(-1) ?? afterId;
    more = ids.length === pageRows;
  }
}
