import type { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { countSales } from "#kit/data/sold-table.ts";
import type { BatchHandler } from "#kit/events/consumer.ts";
import { soldCreators } from "../db/sold.ts";
import { copiesByCreator } from "../sales.ts";

export const questionsPurchased: BatchHandler<typeof QuestionsPurchasedSchema> = {
  async handleAll(tx, purchases) {
    const sales = purchases.map(({ purchaseId, lines }) => ({
      saleId: purchaseId,
      copies: copiesByCreator(lines),
    }));
    await countSales(tx, soldCreators, sales);
  },
};
