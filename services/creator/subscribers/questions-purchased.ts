import type { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { countSale } from "#kit/data/sold-table.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { soldCreators } from "../db/sold.ts";
import { copiesByCreator } from "../sales.ts";

export const questionsPurchased: EventHandler<typeof QuestionsPurchasedSchema> = async (
  tx,
  { purchaseId, lines },
) => void (await countSale(tx, soldCreators, { saleId: purchaseId, copies: copiesByCreator(lines) }));
