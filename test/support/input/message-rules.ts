import type { Message } from "@bufbuild/protobuf";
import { timestampFromMs } from "@bufbuild/protobuf/wkt";

/** The fields that rules about several fields are about. */
interface Fields {
  [field: string]: unknown;
  files: unknown[];
  lines: unknown[];
  preferences: unknown[];
}

const endBeforeStart = (message: Fields) => {
  message.startTime = timestampFromMs(Date.now() + 7_200_000);
  message.endTime = timestampFromMs(Date.now() + 3_600_000);
};

const repeatFirst = (list: unknown[]) => {
  list.push(list[0]);
};

/** How the rules about several fields of a message are broken, by their ids in the contract. */
const breakers: Readonly<Record<string, (message: Fields) => void>> = {
  "post.files": ({ files }) => repeatFirst(files),
  "notifications.which": message => {
    message.notificationIds = [];
    message.throughNotificationId = 0n;
  },
  "preferences.unique": ({ preferences }) => repeatFirst(preferences),
  "basket.unique": ({ lines }) => repeatFirst(lines),
  "entitlements.unique": ({ lines }) => repeatFirst(lines),
  "upload.kind": message => {
    message.kind = 1;
    message.contentType = "image/png";
  },
  "promotion.period": endBeforeStart,
  "coupon.period": endBeforeStart,
  "coupon.percent": message => {
    message.kind = 2;
    message.value = 101n;
  },
  "coupon.scope": message => {
    message.scope = 2;
    message.stackable = true;
  },
};

/** Breaks a rule about several fields; a rule that this file does not know is an error. */
export function breakMessageRule(id: string, message: Message): void {
  const breakIt = breakers[id];
  if (breakIt === undefined) {
    throw new Error(`test/support/input/message-rules.ts does not say how to break ${id}`);
  }
  breakIt(message as unknown as Fields);
}
