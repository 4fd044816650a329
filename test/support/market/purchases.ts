import { timestampNow } from "@bufbuild/protobuf/wkt";
import { v7 as uuidv7 } from "uuid";
import type { Stack } from "#dev/stack/stack.ts";
import { PurchaseCancelledSchema, QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { CatalogService } from "#gen/questioncloud/question/v1/internal_catalog_pb.ts";
import { EntitlementService } from "#gen/questioncloud/question/v1/internal_entitlement_pb.ts";
import { ReservationService } from "#gen/questioncloud/reservation/v1/internal_reservation_pb.ts";
import type { ServiceClient } from "#kit/rpc/client/service-client.ts";
import { createInternalClient, onBehalfOf } from "../rpc/clients.ts";
import { publishEvent } from "./publish-event.ts";

/** Buys questions as the pay service does, without points. */
export interface Buying {
  readonly catalog: ServiceClient<typeof CatalogService>;
  readonly entitlements: ServiceClient<typeof EntitlementService>;
  readonly reservations: ServiceClient<typeof ReservationService>;
  /** Quotes and reserves; returns the purchase id. */
  reserve(userId: bigint, questionIds: readonly bigint[]): Promise<string>;
  /** Reserves and confirms; returns the purchase id. */
  buy(userId: bigint, questionIds: readonly bigint[]): Promise<string>;
  /** Publishes that a purchase of these lines was paid. */
  publishPaid(
    purchase: {
      purchaseId: string;
      userId: bigint;
      lines: readonly { questionId: bigint; creatorId: bigint }[];
    },
    eventId?: string,
  ): Promise<void>;
  /** Publishes that a purchase was canceled. */
  publishCancelled(purchase: { purchaseId: string; userId: bigint }): Promise<void>;
  close(): void;
}

/** Opens what it takes to buy. */
export async function openBuying(stack: Stack): Promise<Buying> {
  const service = { callee: "question", as: "pay" };
  const catalog = await createInternalClient(stack, { service: CatalogService, ...service });
  const entitlements = await createInternalClient(stack, { service: EntitlementService, ...service });
  const reservations = await createInternalClient(stack, { service: ReservationService, ...service });
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
    reservations,
    reserve,
    async buy(userId, questionIds) {
      const purchaseId = await reserve(userId, questionIds);
      await reservations.confirmReservation({ reservationId: purchaseId }, onBehalfOf(userId));
      return purchaseId;
    },
    publishPaid({ purchaseId, userId, lines }, eventId) {
      const snapshot = lines.map(line => ({ ...line, version: 1 }));
      const times = { createTime: timestampNow(), payTime: timestampNow() };
      const event = { purchaseId, userId, requestId: crypto.randomUUID(), lines: snapshot, ...times };
      return publishEvent(stack, QuestionsPurchasedSchema, event, eventId);
    },
    publishCancelled: purchase =>
      publishEvent(stack, PurchaseCancelledSchema, { ...purchase, reason: "NOT_ENOUGH_POINT" }),
    close() {
      catalog.close();
      entitlements.close();
      reservations.close();
    },
  };
}
