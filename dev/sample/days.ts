import { type Timestamp, timestampFromMs } from "@bufbuild/protobuf/wkt";

const dayMs = 86_400_000;

/** The moment so many days from now. */
export function daysFromNow(days: number): Timestamp {
  return timestampFromMs(Date.now() + days * dayMs);
}
