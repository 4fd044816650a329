import { create, type MessageInitShape, toJsonString } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";

/** The body of a new event: a question of creator 1 was sold. `changes` are those of a certain purchase. */
export function sale(changes: MessageInitShape<typeof QuestionsPurchasedSchema> = {}): string {
  const event = create(QuestionsPurchasedSchema, {
    purchaseId: crypto.randomUUID(),
    requestId: crypto.randomUUID(),
    userId: 7n,
    lines: [{ questionId: 3n, version: 2, creatorId: 1n, title: "수학", originalPoints: 1000n }],
    originalPoints: 1000n,
    amountPoints: 1000n,
    createTime: timestampNow(),
    payTime: timestampNow(),
    ...changes,
  });
  return toJsonString(QuestionsPurchasedSchema, event);
}
