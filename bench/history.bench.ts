import { create, fromJson, type JsonValue } from "@bufbuild/protobuf";
import { timestampNow } from "@bufbuild/protobuf/wkt";
import { createConnection, Schema } from "mongoose";
import { QuestionsPurchasedSchema } from "#gen/questioncloud/pay/v1/events_pb.ts";
import { toDocument } from "#services/pay/db/history.ts";
import { compare } from "./compare.ts";

// A page of the purchase history, from the documents that the driver has decoded to the answer: through documents that
// Mongoose hydrates, and without. No package has a mongod, and times of the simulator would say nothing about one, so
// that the read itself and its index are not measured here.
const pageRows = 20;
const pages = 200;

process.stdout.write("mapping only: there is no mongod to read from\n");
const schema = new Schema(
  { _id: String, userId: String, event: Object },
  { versionKey: false, minimize: false },
);
const model = createConnection().model("PurchaseHistory", schema);
const documents = Array.from({ length: pageRows }, (_, index) => {
  const line = { questionId: BigInt(index + 1), version: 2, creatorId: 3n, originalPoints: 1000n };
  const purchaseId = crypto.randomUUID();
  const lines = [line, { ...line, questionId: 99n }];
  return toDocument(
    create(QuestionsPurchasedSchema, {
      purchaseId,
      userId: 7n,
      lines,
      amountPoints: 2000n,
      payTime: timestampNow(),
    }),
  );
});
const toAnswer = ({ event }: { readonly event: JsonValue }) => fromJson(QuestionsPurchasedSchema, event);

function repeat(page: () => unknown) {
  return async () => {
    for (let count = 0; count < pages; count++) {
      page();
    }
    return pages * pageRows;
  };
}

await compare("documents", [
  {
    name: "hydrated",
    run: repeat(() =>
      documents.map(document => toAnswer(model.hydrate(document).toObject() as typeof document)),
    ),
  },
  { name: "as decoded", run: repeat(() => documents.map(toAnswer)) },
  {
    name: "hydrated, not mapped",
    run: repeat(() => documents.map(document => model.hydrate(document).toObject())),
  },
]);
