import type { UserWithdrawnSchema } from "#gen/questioncloud/user/v1/events_pb.ts";
import type { EventHandler } from "#kit/events/consumer.ts";
import { eraseReportTexts } from "../db/moderation.ts";

/** Reviews stay, without the name of who wrote them. */
export const userWithdrawn: EventHandler<typeof UserWithdrawnSchema> = (tx, { userId }) =>
  eraseReportTexts(tx, userId);
