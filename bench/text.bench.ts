import { create, fromBinary, type Message, toBinary } from "@bufbuild/protobuf";
import type { GenMessage } from "@bufbuild/protobuf/codegenv2";
import { CreateChargeRequestSchema } from "#gen/questioncloud/point/v1/point_pb.ts";
import { CreateQuestionRequestSchema } from "#gen/questioncloud/question/v1/authoring_pb.ts";
import { ListQuestionsRequestSchema } from "#gen/questioncloud/question/v1/store_pb.ts";
import { normalizeText } from "#kit/contract/text.ts";
import { compare } from "./compare.ts";

// What normalizing a request costs over decoding it.
const requestId = crypto.randomUUID();
const description = "다음 그래프에서 함수의 최댓값을 구하시오.\n".repeat(200).slice(0, 4600);

await compareOn("a page of the store", ListQuestionsRequestSchema, { filter: { text: "수학" } });
await compareOn("order of a charge", CreateChargeRequestSchema, { requestId });
await compareOn("a question", CreateQuestionRequestSchema, {
  requestId,
  content: { title: "수학", description },
});

async function compareOn<M extends Message>(
  name: string,
  schema: GenMessage<M>,
  init: Parameters<typeof create<GenMessage<M>>>[1],
): Promise<void> {
  const bytes = toBinary(schema, create(schema, init));
  const repeat = (work: () => void) => async () => {
    const count = 20_000;
    for (let index = 0; index < count; index++) {
      work();
    }
    return count;
  };
  const decode = () => fromBinary(schema, bytes);
  await compare("requests", [
    { name: `${name}: decoded`, run: repeat(decode) },
    { name: `${name}: decoded and normalized`, run: repeat(() => normalizeText(schema, decode())) },
  ]);
}
