import { timestampNow } from "@bufbuild/protobuf/wkt";
import { v7 as uuidv7 } from "uuid";
import type { Stack } from "../../dev/stack.ts";
import {
  PurchaseCancelledSchema,
  QuestionsPurchasedSchema,
} from "../../gen/questioncloud/pay/v1/events_pb.ts";
import { CatalogService, EntitlementService } from "../../gen/questioncloud/question/v1/mesh_pb.ts";
import type { Neighbour } from "../../kit/neighbour.ts";
import { announce } from "./announce.ts";
import { createMeshClient, onBehalfOf } from "./clients.ts";

/** Buys questions as the pay service does, without points. */
export interface Buying {
  readonly catalog: Neighbour<typeof CatalogService>;
  readonly entitlements: Neighbour<typeof EntitlementService>;
  /** Quotes and reserves; returns the purchase id. */
  reserve(userId: bigint, questionIds: readonly bigint[]): Promise<string>;
  /** Reserves and confirms; returns the purchase id. */
  buy(userId: bigint, questionIds: readonly bigint[]): Promise<string>;
  /** Announces that a purchase of these lines was paid. */
  announcePaid(
    purchase: {
      purchaseId: string;
      userId: bigint;
      lines: readonly { questionId: bigint; creatorId: bigint }[];
    },
    eventId?: string,
  ): Promise<void>;
  /** Announces that a purchase was cancelled. */
  announceCancelled(purchase: { purchaseId: string; userId: bigint }): Promise<void>;
  close(): void;
}

/** Opens what it takes to buy. */
export async function openBuying(stack: Stack): Promise<Buying> {
  const neighbour = { callee: "question", as: "pay" };
  const catalog = await createMeshClient(stack, { service: CatalogService, ...neighbour });
  const entitlements = await createMeshClient(stack, { service: EntitlementService, ...neighbour });
  const reserve: Buying["reserve"] = async (userId, questionIds) => {
    const context = onBehalfOf(userId);
    const { questions } = await catalog.quoteQuestions({ questionIds: [...questionIds] }, context);
    const lines = questions.map(({ questionId, version, offerPricePoints }) => ({
      questionId,
      version,
      offerPricePoints,
    }));
    const purchaseId = uuidv7();
    await entitlements.reserveEntitlements({ purchaseId, lines }, context);
    return purchaseId;
  };
  return {
    catalog,
    entitlements,
    reserve,
    async buy(userId, questionIds) {
      const purchaseId = await reserve(userId, questionIds);
      await entitlements.confirmEntitlements({ purchaseId }, onBehalfOf(userId));
      return purchaseId;
    },
    announcePaid({ purchaseId, userId, lines }, eventId) {
      const quote = { lines: lines.map(line => ({ ...line, version: 1 })) };
      const times = { createTime: timestampNow(), payTime: timestampNow() };
      const event = { purchaseId, userId, requestId: crypto.randomUUID(), quote, ...times };
      return announce(stack, QuestionsPurchasedSchema, event, eventId);
    },
    announceCancelled: purchase =>
      announce(stack, PurchaseCancelledSchema, { ...purchase, reason: "NOT_ENOUGH_POINT" }),
    close() {
      catalog.close();
      entitlements.close();
    },
  };
}
