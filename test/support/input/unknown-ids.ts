import { type DescMessage, type Message, ScalarType } from "@bufbuild/protobuf";
import { type ReflectMessage, reflect } from "@bufbuild/protobuf/reflect";

// Above all ids that a test's databases give out.
const farAway = 2n ** 52n;

/** Moves the ids of a request to where nothing has them, so that no operator's call changes what others test. */
export function withUnknownIds(schema: DescMessage, request: Message): Message {
  moveIds(reflect(schema, request));
  return request;
}

function moveIds(message: ReflectMessage): void {
  for (const field of message.fields.filter(each => message.isSet(each))) {
    if (field.fieldKind === "message") {
      moveIds(message.get(field));
    } else if (
      field.fieldKind === "scalar" &&
      field.scalar === ScalarType.INT64 &&
      field.name.endsWith("_id")
    ) {
      const id = BigInt(message.get(field) as bigint);
      message.set(field, id < farAway ? id + farAway : id);
    } else if (field.fieldKind === "list" && field.name.endsWith("_ids")) {
      const ids = message.get(field);
      for (const [index, id] of [...ids].entries()) {
        if (typeof id === "bigint" && id < farAway) {
          ids.set(index, id + farAway);
        }
      }
    }
  }
}
